"""The stacks that the properties are checked on: dev, prod, and combinations of options, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import stack_file


@dataclass(frozen=True)
class Combination:
    """What `record` is called with."""

    config: Mapping[str, str]
    stack: str = "dev"
    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    subnets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _with(**keys: str) -> dict[str, str]:
    return {"aws:region": REGION, **{f"aurorest:{key}": value for key, value in keys.items()}}


VPC = "vpc-0a0a0a0a0a0a0a0a0"
SUBNETS = {
    f"subnet-{letter * 17}": {
        "vpcId": VPC,
        "availabilityZone": f"{REGION}{letter}",
        "availabilityZoneId": f"euc1-az{number}",
        "availableIpAddressCount": 200,
    }
    for number, letter in enumerate("ab", 1)
}
OWNER = {
    "vpcId": "vpc-0b0b0b0b0b0b0b0b0",
    "subnetIds": ["subnet-0b0b0b0b0b0b0b0b1", "subnet-0b0b0b0b0b0b0b0b2"],
    "databaseSecurityGroupId": "sg-0b0b0b0b0b0b0b0b0",
    "clusterIdentifier": "aurorest-shared",
    "clusterArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:aurorest-shared",
    "clusterResourceId": "cluster-SHARED0000000000000000",
    "clusterEndpoint": f"aurorest-shared.cluster-abc.{REGION}.rds.amazonaws.com",
    "adminUser": "aurorest_admin",
    "adminSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!cluster-9-AbCdEf",
    "adminSecretKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/99999999-2222-3333-4444-555555555555",
    "otherShares": {"aurorest-orders": 40},
    "readers": 1,
}

COMBINATIONS: dict[str, Combination] = {
    "dev": Combination(stack_file("dev")),
    "prod": Combination(stack_file("prod"), "prod"),
    "defaults": Combination(_with()),
    "end to end IAM with readers": Combination(
        _with(databaseAuthentication="iam", readers="2", readersMaximum="5", readEndpoint="true", maxCapacity="32")
    ),
    "rotated secret with customer managed keys": Combination(
        _with(credentialVersion="4", customerManagedKeys="true", alarmEmail="ops@example.com")
    ),
    "JWT from elsewhere with public docs": Combination(
        _with(
            auth="jwt",
            jwtIssuer="https://login.example.com/",
            jwtAudience="aurorest",
            jwtScopes="read,write",
            publicDocs="true",
            browse="true",
            browseLogin="https://login.example.com?client_id=abc",
            corsOrigins="https://app.example.com",
        )
    ),
    "JWT with roles and an anonymous one": Combination(
        _with(
            auth="jwt",
            jwtIssuer="https://login.example.com/",
            jwtAudience="aurorest",
            roles="anon,authenticated,service.role",
            roleClaim="app_metadata.role",
            defaultRole="authenticated",
            anonymousRole="anon",
            bypassRowSecurity="service.role",
            anonymousThrottleRate="5",
            publicDocs="true",
        )
    ),
    "end to end IAM with roles": Combination(
        _with(databaseAuthentication="iam", roles="member,anon", defaultRole="member", anonymousRole="anon")
    ),
    "Cognito with a custom domain": Combination(
        _with(auth="jwt", cognito="true", domainName="api.example.com", hostedZoneId="Z0123456789ABC", protect="true")
    ),
    "public with a given certificate": Combination(
        _with(
            auth="none",
            allowPublicAccess="true",
            domainName="open.example.com",
            certificateArn=f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0a1b-2c3d",
            docs="false",
            dashboard="false",
            alarms="false",
        )
    ),
    "existing VPC": Combination(
        _with(vpcId=VPC, subnetIds=",".join(SUBNETS), tags='{"team": "data"}'), subnets=SUBNETS
    ),
    "provisioned with a way in and a budget": Combination(
        _with(
            instanceClass="db.r8g.large",
            dataApi="true",
            accessSecurityGroupIds="sg-0c0c0c0c0c0c0c0c0",
            budgetUsd="300",
            alarmEmail="ops@example.com",
        )
    ),
    "attached by identifiers": Combination(
        _with(
            vpcId=VPC,
            subnetIds=",".join(SUBNETS),
            clusterIdentifier="legacy",
            clusterSecurityGroupId="sg-0a0a0a0a0a0a0a0a0",
            adminSecretArn=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:legacy-AbCdEf",
            adminSecretKeyArn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-0000-0000-0000-000000000000",
            maxConnectionsPercent="30",
            maxIdleConnectionsPercent="10",
            otherShares='{"billing": 50}',
            databaseName="orders",
        ),
        "orders",
        subnets=SUBNETS,
    ),
    "attached to another stack": Combination(
        _with(
            clusterStack="shared",
            maxConnectionsPercent="40",
            maxIdleConnectionsPercent="20",
            databaseAuthentication="iam",
            databaseName="orders",
            readEndpoint="true",
        ),
        "orders",
        references={"acme/aurorest/shared": OWNER},
    ),
    "restored with everything watched": Combination(
        _with(
            restoreCluster="aurorest-old",
            restoreTime="2026-11-01T03:00:00Z",
            engineVersion="8.0.mysql_aurora.3.10.4",
            storage="io-optimized",
            databaseInsights="advanced",
            enhancedMonitoringSeconds="15",
            logExports="audit,error,general,slowquery,instance,iam-db-auth-error",
            flowLogs="true",
            xray="true",
            snapStart="true",
            reservedConcurrency="20",
            architecture="x86_64",
            pythonVersion="3.12",
            zones="euc1-az1,euc1-az3",
            proxyDebugLogging="true",
            sessionPinningFilters="EXCLUDE_VARIABLE_SETS",
            initQuery="SET innodb_lock_wait_timeout=5",
        )
    ),
    "restored from a snapshot, upgraded by RDS": Combination(
        _with(
            restoreSnapshot="aurorest-dev-0a1b2c-final",
            autoMinorVersionUpgrade="true",
            logExports="[]",
            zoneCount="3",
            subnetPrefix="26",
            vpcCidr="192.168.0.0/20",
        )
    ),
}
