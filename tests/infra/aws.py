"""What AWS answers to the stack's program: identifiers, addresses and ARNs that look as real ones do."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pulumi import FileArchive
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from tests.infra.values import plain

REGION = "eu-central-1"
ACCOUNT = "123456789012"
RANDOM_END = "0a1b2c"
SNAPSHOTS: dict[str, dict[str, Any]] = {
    "aurorest-dev-0a1b2c-final": {
        "engine": "aurora-mysql",
        "engineVersion": "8.4.mysql_aurora.8.4.7",
        "storageEncrypted": True,
    }
}
CLUSTERS: dict[str, dict[str, Any]] = {
    "aurorest-old": {
        "engine": "aurora-mysql",
        "engineVersion": "8.0.mysql_aurora.3.10.4",
        "storageEncrypted": True,
        "masterUsername": "aurorest_admin",
    }
}
"""What may be restored."""
STACK_REFERENCE = "pulumi:pulumi:StackReference"


class AwsAnswers(Mocks):
    """Answers as AWS would, as far as other resources read the answers.

    With `preview` nothing exists yet: what AWS would decide is unknown, as it is in the first `pulumi preview`.
    """

    def __init__(
        self,
        references: Mapping[str, Mapping[str, Any]],
        subnets: Mapping[str, Mapping[str, Any]],
        previous: Mapping[str, Any],
        *,
        preview: bool,
    ) -> None:
        self.references = references
        self.subnets = subnets
        self.previous = previous
        self.preview = preview

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if self.preview and args.typ != STACK_REFERENCE:
            return "", args.inputs
        inputs = plain(args.inputs, "", set())
        prefixed = f"{inputs.get('namePrefix') or args.name + '-'}0123456"
        name = str(inputs.get("name") or prefixed)
        service, _, kind = args.typ.partition(":")[2].partition("/")
        state = {
            "name": name,
            "arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind.partition(':')[0]}/{name}",
            **inputs,
            **{key: value for key, value in args.inputs.items() if isinstance(value, FileArchive)},
            **self._known(args.typ, args.name, name, inputs),
        }
        return str(state.pop("id", f"{args.name}-id")), state

    def _known(self, type_: str, logical: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        rds = f"arn:aws:rds:{REGION}:{ACCOUNT}"
        known: dict[str, dict[str, Any]] = {
            "aws:rds/cluster:Cluster": {
                "id": inputs.get("clusterIdentifier"),
                "arn": f"{rds}:cluster:{inputs.get('clusterIdentifier')}",
                "clusterResourceId": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                "endpoint": f"{inputs.get('clusterIdentifier')}.cluster-abc.{REGION}.rds.amazonaws.com",
                "masterUserSecrets": [
                    {"secretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!cluster-1-AbCdEf"}
                ],
            },
            "aws:rds/proxy:Proxy": {
                "id": name,
                "arn": f"{rds}:db-proxy:prx-0123456789abcdef0",
                "endpoint": f"{name}.proxy-abc.{REGION}.rds.amazonaws.com",
            },
            "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {"name": "default"},
            "aws:rds/proxyEndpoint:ProxyEndpoint": {
                "endpoint": f"{inputs.get('dbProxyEndpointName')}.endpoint.proxy-abc.{REGION}.rds.amazonaws.com"
            },
            "aws:secretsmanager/secret:Secret": {
                "arn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf",
                "id": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf",
            },
            "aws:iam/role:Role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"},
            "aws:cloudwatch/logGroup:LogGroup": {"arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"},
            "aws:lambda/function:Function": {
                "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
                "version": "1",
            },
            "aws:lambda/alias:Alias": {
                "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{inputs.get('functionName')}:{name}",
                "invokeArn": (
                    f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
                    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{inputs.get('functionName')}:{name}/invocations"
                ),
            },
            "aws:lambda/invocation:Invocation": {"result": "{}"},
            "aws:apigatewayv2/api:Api": {
                "id": "a1b2c3d4e5",
                "apiEndpoint": f"https://a1b2c3d4e5.execute-api.{REGION}.amazonaws.com",
                "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5",
            },
            "aws:apigatewayv2/domainName:DomainName": {
                "id": inputs.get("domainName"),
                "domainNameConfiguration": {
                    **(inputs.get("domainNameConfiguration") or {}),
                    "targetDomainName": f"d-abc.execute-api.{REGION}.amazonaws.com",
                    "hostedZoneId": "Z1U9ULNL0V5AJ3",
                },
            },
            "aws:acm/certificate:Certificate": {
                "arn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0a1b",
                "domainValidationOptions": [
                    {
                        "domainName": inputs.get("domainName"),
                        "resourceRecordName": f"_proof.{inputs.get('domainName')}.",
                        "resourceRecordType": "CNAME",
                        "resourceRecordValue": "_value.acm-validations.aws.",
                    }
                ],
            },
            "aws:route53/record:Record": {"fqdn": inputs.get("name")},
            "aws:kms/key:Key": {
                "id": "11111111-2222-3333-4444-555555555555",
                "keyId": "11111111-2222-3333-4444-555555555555",
                "arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
            },
            "aws:sns/topic:Topic": {"arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"},
            "aws:cognito/userPool:UserPool": {"id": f"{REGION}_AbCdEfGhI"},
            "aws:ec2/vpc:Vpc": {"id": "vpc-0123456789abcdef0"},
            "aws:ec2/subnet:Subnet": {"id": f"subnet-{sha256(logical.encode()).hexdigest()[:17]}"},
            "random:index/randomPassword:RandomPassword": {
                "result": f"password-of-{logical}-{(inputs.get('keepers') or {}).get('version')}"
            },
            "random:index/randomId:RandomId": {"hex": f"{inputs.get('prefix')}{RANDOM_END}"},
            STACK_REFERENCE: {
                "name": inputs.get("name"),
                "outputs": dict(self.references.get(str(inputs.get("name")), {})),
                "secretOutputNames": [],
            },
        }
        return known.get(type_, {})

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return self._answer(args), []

    def _answer(self, args: MockCallArgs) -> dict[str, Any]:
        if args.token == "pulumi:pulumi:readStackOutputs":
            return {"name": args.args["name"], "outputs": dict(self.previous), "secretOutputNames": []}
        if args.token == "aws:index/getAvailabilityZones:getAvailabilityZones":
            names = [f"{REGION}{letter}" for letter in "abc"]
            return {"names": names, "zoneIds": ["euc1-az2", "euc1-az3", "euc1-az1"], "id": REGION, "region": REGION}
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/deployer", "userId": "u", "id": ACCOUNT}
        if args.token == "aws:index/getPartition:getPartition":
            return {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws", "reverseDnsPrefix": "com.amazonaws"}
        if args.token == "aws:ec2/getSubnet:getSubnet":
            return {"id": args.args["id"], **self.subnets[args.args["id"]]}
        if args.token == "aws:rds/getClusterSnapshot:getClusterSnapshot":
            assert args.args["includeShared"] is True
            return {"id": "snapshot", **SNAPSHOTS[args.args["dbClusterSnapshotIdentifier"]]}
        if args.token == "aws:rds/getCluster:getCluster":
            identifier = args.args["clusterIdentifier"]
            return {
                **CLUSTERS.get(identifier, {}),
                "id": identifier,
                "clusterIdentifier": identifier,
                "arn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{identifier}",
                "clusterResourceId": "cluster-EXISTING00000000000000",
                "endpoint": f"{identifier}.cluster-abc.{REGION}.rds.amazonaws.com",
            }
        raise AssertionError(f"the program calls {args.token}, which this recorder does not know")
