"""What the provider knows about each type of resource: which inputs replace it, and which may be left out.

Read in the provider's source (github.com/hashicorp/terraform-provider-aws, internal/service/SERVICE/RESOURCE.go; for
random, github.com/hashicorp/terraform-provider-random): `ForceNew` is `replaces`, `Optional` with `Computed` is `kept`.
A test compares `replaces` with the create-only properties of CloudFormation's resource types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """One type.

    `replaces`: inputs whose change makes a new resource. `kept`: inputs that AWS fills in, so that a program that stops
    giving them changes nothing. `named`: an input that Pulumi fills with the logical name and seven hexadecimal
    digits. `unique`: inputs that no other resource of the type in the account may share. `secret`: what the provider's
    schema marks as sensitive.
    """

    replaces: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    named: str = ""
    unique: tuple[str, ...] = ()
    secret: frozenset[str] = field(default=frozenset())


def _kind(replaces: str = "", *, kept: str = "", named: str = "", unique: str = "", secret: str = "") -> Kind:
    return Kind(
        frozenset(replaces.split()), frozenset(kept.split()), named, tuple(unique.split()), frozenset(secret.split())
    )


KINDS: Mapping[str, Kind] = {
    "aws:acm/certificate:Certificate": _kind(
        "domainName keyAlgorithm certificateAuthorityArn", kept="subjectAlternativeNames validationMethod"
    ),
    "aws:acm/certificateValidation:CertificateValidation": _kind("certificateArn validationRecordFqdns"),
    "aws:apigatewayv2/api:Api": _kind(
        "protocolType credentialsArn routeKey target", kept="ipAddressType", named="name"
    ),
    "aws:apigatewayv2/apiMapping:ApiMapping": _kind("domainName"),
    "aws:apigatewayv2/authorizer:Authorizer": _kind("apiId", kept="authorizerResultTtlInSeconds", named="name"),
    "aws:apigatewayv2/domainName:DomainName": _kind("domainName", unique="domainName"),
    "aws:apigatewayv2/integration:Integration": _kind(
        "apiId integrationType integrationSubtype", kept="timeoutMilliseconds"
    ),
    "aws:apigatewayv2/route:Route": _kind("apiId", unique="apiId routeKey"),
    "aws:apigatewayv2/stage:Stage": _kind("apiId name", kept="deploymentId", unique="apiId name"),
    "aws:appautoscaling/policy:Policy": _kind("name resourceId scalableDimension serviceNamespace", named="name"),
    "aws:appautoscaling/target:Target": _kind(
        "resourceId scalableDimension serviceNamespace", kept="roleArn suspendedState"
    ),
    "aws:budgets/budget:Budget": _kind(
        "budgetType name accountId", kept="limitAmount limitUnit timePeriodStart costTypes", named="name", unique="name"
    ),
    "aws:cloudwatch/dashboard:Dashboard": _kind("dashboardName"),
    "aws:cloudwatch/logGroup:LogGroup": _kind("name logGroupClass", kept="logGroupClass", named="name", unique="name"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _kind("name logGroupName", named="name"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _kind("name", kept="evaluateLowSampleCountPercentiles", named="name"),
    "aws:cognito/userPool:UserPool": _kind(
        "usernameAttributes aliasAttributes usernameConfiguration",
        kept="accountRecoverySetting emailVerificationMessage passwordPolicy userPoolTier",
        named="name",
    ),
    "aws:cognito/userPoolClient:UserPoolClient": _kind(
        "userPoolId generateSecret",
        kept="explicitAuthFlows enableTokenRevocation preventUserExistenceErrors",
        named="name",
        secret="clientSecret",
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _kind("vpcId"),
    "aws:ec2/flowLog:FlowLog": _kind(
        "vpcId subnetId eniId trafficType logDestination logDestinationType iamRoleArn logFormat "
        "maxAggregationInterval",
        kept="logDestinationType logFormat",
    ),
    "aws:ec2/routeTable:RouteTable": _kind("vpcId", kept="routes propagatingVgws"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _kind("subnetId gatewayId", unique="subnetId"),
    "aws:ec2/securityGroup:SecurityGroup": _kind(
        "name description vpcId", kept="ingress egress vpcId", named="name", unique="vpcId name"
    ),
    "aws:ec2/subnet:Subnet": _kind(
        "vpcId cidrBlock availabilityZone availabilityZoneId",
        kept="availabilityZone availabilityZoneId",
        unique="vpcId cidrBlock",
    ),
    "aws:ec2/vpc:Vpc": _kind("cidrBlock", kept="cidrBlock enableDnsHostnames"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _kind(
        "vpcId serviceName vpcEndpointType", kept="policy subnetIds securityGroupIds routeTableIds"
    ),
    "aws:iam/policy:Policy": _kind("name path description", named="name", unique="name"),
    "aws:iam/role:Role": _kind("name path", named="name", unique="name"),
    "aws:iam/rolePolicy:RolePolicy": _kind("name role", named="name", unique="role name"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _kind("role policyArn"),
    "aws:kms/alias:Alias": _kind("name", named="name", unique="name"),
    "aws:kms/key:Key": _kind(
        "customerMasterKeySpec keyUsage multiRegion customKeyStoreId xksKeyId", kept="description policy multiRegion"
    ),
    "aws:lambda/alias:Alias": _kind("name functionName", named="name", unique="functionName name"),
    "aws:lambda/function:Function": _kind(
        "name packageType tenancyConfig",
        kept="architectures ephemeralStorage loggingConfig sourceCodeHash tracingConfig",
        named="name",
        unique="name",
    ),
    "aws:lambda/invocation:Invocation": _kind("functionName input qualifier triggers"),
    "aws:lambda/permission:Permission": _kind(
        "action function principal sourceArn sourceAccount qualifier statementId functionUrlAuthType eventSourceToken "
        "principalOrgId invokedViaFunctionUrl",
        kept="statementId",
    ),
    "aws:rds/cluster:Cluster": _kind(
        "availabilityZones clusterIdentifier databaseName dbSubnetGroupName engine engineMode kmsKeyId masterUsername "
        "restoreToPointInTime snapshotIdentifier storageEncrypted sourceRegion dbSystemId clusterScalabilityType",
        kept="availabilityZones backupRetentionPeriod clusterIdentifier databaseInsightsMode databaseName "
        "dbClusterParameterGroupName dbSubnetGroupName engineLifecycleSupport engineVersion kmsKeyId masterUsername "
        "masterUserSecretKmsKeyId monitoringInterval monitoringRoleArn networkType performanceInsightsKmsKeyId "
        "performanceInsightsRetentionPeriod preferredBackupWindow preferredMaintenanceWindow storageEncrypted "
        "storageType snapshotIdentifier serverlessv2ScalingConfiguration vpcSecurityGroupIds autoMinorVersionUpgrade",
        unique="clusterIdentifier",
        secret="masterPassword",
    ),
    "aws:rds/clusterInstance:ClusterInstance": _kind(
        "availabilityZone clusterIdentifier dbSubnetGroupName engine identifier identifierPrefix",
        kept="availabilityZone caCertIdentifier dbParameterGroupName dbSubnetGroupName engineVersion identifier "
        "identifierPrefix monitoringRoleArn performanceInsightsEnabled performanceInsightsKmsKeyId "
        "performanceInsightsRetentionPeriod preferredBackupWindow preferredMaintenanceWindow publiclyAccessible",
        unique="identifier",
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _kind(
        "name family description", named="name", unique="name"
    ),
    "aws:rds/parameterGroup:ParameterGroup": _kind("name family description", named="name", unique="name"),
    "aws:rds/proxy:Proxy": _kind(
        "engineFamily vpcSubnetIds endpointNetworkType targetConnectionNetworkType",
        kept="defaultAuthScheme idleClientTimeout vpcSecurityGroupIds endpointNetworkType targetConnectionNetworkType",
        named="name",
        unique="name",
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": _kind("dbProxyName", kept="connectionPoolConfig"),
    "aws:rds/proxyEndpoint:ProxyEndpoint": _kind(
        "dbProxyName dbProxyEndpointName targetRole vpcSubnetIds",
        kept="vpcSecurityGroupIds",
        unique="dbProxyEndpointName",
    ),
    "aws:rds/proxyTarget:ProxyTarget": _kind(
        "dbProxyName targetGroupName dbClusterIdentifier dbInstanceIdentifier", unique="dbProxyName targetGroupName"
    ),
    "aws:rds/subnetGroup:SubnetGroup": _kind("name", named="name", unique="name"),
    "aws:route53/record:Record": _kind("zoneId", kept="name"),
    "aws:secretsmanager/secret:Secret": _kind("name namePrefix", kept="policy", named="name", unique="name"),
    "aws:secretsmanager/secretVersion:SecretVersion": _kind(
        "secretId secretString secretBinary", kept="versionStages", secret="secretString"
    ),
    "aws:sns/topic:Topic": _kind("name fifoTopic", kept="policy", named="name", unique="name"),
    "aws:sns/topicPolicy:TopicPolicy": _kind("arn"),
    "aws:sns/topicSubscription:TopicSubscription": _kind("topic protocol endpoint"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _kind("securityGroupId"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _kind("securityGroupId"),
    "random:index/randomId:RandomId": _kind("byteLength keepers prefix"),
    "random:index/randomPassword:RandomPassword": _kind(
        "length special upper lower number numeric keepers minLower minUpper minNumeric minSpecial overrideSpecial",
        secret="result bcryptHash",
    ),
    "random:index/randomString:RandomString": _kind(
        "length special upper lower number numeric keepers minLower minUpper minNumeric minSpecial overrideSpecial"
    ),
}
