"""A recorded stack as a CloudFormation template, so that AWS's own resource schemas can judge its values.

Pulumi's mocks take any value; cfn-lint ships the schemas that CloudFormation itself checks: names, enumerations, ranges,
patterns, engine versions, runtimes. Names are matched by their letters (`dbProxyName` is `DBProxyName`); where they differ,
`TYPES` says how, and where CloudFormation has no counterpart, why. A resource or property that is neither fails the test.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.infra.aws import REGION
from tests.infra.graph import Graph, Resource

PREFIX = "the provider adds a random end to it"
TERRAFORM_ONLY = "how the provider works, not what AWS gets"


@dataclass(frozen=True)
class Counterpart:
    """The CloudFormation type, the properties called otherwise there (nested ones by path), those that it lacks.

    `constants`: what it demands and Pulumi fills in; `{name}` stands for the resource's name.
    """

    type: str
    names: Mapping[str, str] = field(default_factory=dict)
    lacks: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


TYPES: Mapping[str, Counterpart] = {
    "aws:acm/certificate:Certificate": Counterpart("AWS::CertificateManager::Certificate"),
    "aws:apigatewayv2/api:Api": Counterpart("AWS::ApiGatewayV2::Api"),
    "aws:apigatewayv2/apiMapping:ApiMapping": Counterpart("AWS::ApiGatewayV2::ApiMapping"),
    "aws:apigatewayv2/authorizer:Authorizer": Counterpart(
        "AWS::ApiGatewayV2::Authorizer",
        {"identitySources": "IdentitySource", "jwtConfiguration.audiences": "Audience"},
    ),
    "aws:apigatewayv2/domainName:DomainName": Counterpart(
        "AWS::ApiGatewayV2::DomainName", {"domainNameConfiguration": "DomainNameConfigurations"}
    ),
    "aws:apigatewayv2/integration:Integration": Counterpart(
        "AWS::ApiGatewayV2::Integration", {"timeoutMilliseconds": "TimeoutInMillis"}
    ),
    "aws:apigatewayv2/route:Route": Counterpart("AWS::ApiGatewayV2::Route"),
    "aws:apigatewayv2/stage:Stage": Counterpart("AWS::ApiGatewayV2::Stage", {"name": "StageName"}),
    "aws:appautoscaling/policy:Policy": Counterpart(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            "name": "PolicyName",
            "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification": "PredefinedMetricSpecification",
        },
    ),
    "aws:appautoscaling/target:Target": Counterpart(
        "AWS::ApplicationAutoScaling::ScalableTarget", lacks={"tags": "CloudFormation cannot tag a scalable target"}
    ),
    "aws:cloudwatch/dashboard:Dashboard": Counterpart("AWS::CloudWatch::Dashboard"),
    "aws:cloudwatch/logGroup:LogGroup": Counterpart("AWS::Logs::LogGroup", {"name": "LogGroupName"}),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Counterpart(
        "AWS::Logs::MetricFilter",
        {
            "pattern": "FilterPattern",
            "metricTransformation": "MetricTransformations",
            "metricTransformation.name": "MetricName",
            "metricTransformation.namespace": "MetricNamespace",
            "metricTransformation.value": "MetricValue",
        },
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Counterpart(
        "AWS::CloudWatch::Alarm",
        {"name": "AlarmName", "metricQueries": "Metrics", "metricQueries.metric": "MetricStat"},
    ),
    "aws:cognito/userPool:UserPool": Counterpart(
        "AWS::Cognito::UserPool",
        {
            "name": "UserPoolName",
            "tags": "UserPoolTags",
            "passwordPolicy": "Policies.PasswordPolicy",
            "softwareTokenMfaConfiguration": "EnabledMfas",
        },
    ),
    "aws:cognito/userPoolClient:UserPoolClient": Counterpart("AWS::Cognito::UserPoolClient", {"name": "ClientName"}),
    "aws:ec2/flowLog:FlowLog": Counterpart(
        "AWS::EC2::FlowLog",
        {"vpcId": "ResourceId", "iamRoleArn": "DeliverLogsPermissionArn"},
        constants={"ResourceType": "VPC", "LogDestinationType": "cloud-watch-logs"},
    ),
    "aws:ec2/routeTable:RouteTable": Counterpart(
        "AWS::EC2::RouteTable", lacks={"routes": "a separate resource there; a test checks that it is empty"}
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Counterpart("AWS::EC2::SubnetRouteTableAssociation"),
    "aws:ec2/securityGroup:SecurityGroup": Counterpart(
        "AWS::EC2::SecurityGroup", {"description": "GroupDescription"}, {"namePrefix": PREFIX}
    ),
    "aws:ec2/subnet:Subnet": Counterpart("AWS::EC2::Subnet"),
    "aws:ec2/vpc:Vpc": Counterpart("AWS::EC2::VPC"),
    "aws:iam/policy:Policy": Counterpart(
        "AWS::IAM::ManagedPolicy",
        {"name": "ManagedPolicyName", "policy": "PolicyDocument"},
        {"tags": "CloudFormation cannot tag a managed policy"},
    ),
    "aws:iam/role:Role": Counterpart(
        "AWS::IAM::Role", {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    ),
    "aws:iam/rolePolicy:RolePolicy": Counterpart(
        "AWS::IAM::RolePolicy", {"policy": "PolicyDocument", "role": "RoleName"}, constants={"PolicyName": "{name}"}
    ),
    "aws:kms/alias:Alias": Counterpart("AWS::KMS::Alias", {"name": "AliasName"}),
    "aws:kms/key:Key": Counterpart(
        "AWS::KMS::Key", {"policy": "KeyPolicy", "deletionWindowInDays": "PendingWindowInDays"}
    ),
    "aws:lambda/alias:Alias": Counterpart("AWS::Lambda::Alias"),
    "aws:lambda/function:Function": Counterpart(
        "AWS::Lambda::Function",
        {"name": "FunctionName", "tracingConfig": "TracingConfig"},
        {"publish": "a separate resource there (Version)", "replaceSecurityGroupsOnDestroy": TERRAFORM_ONLY},
    ),
    "aws:lambda/permission:Permission": Counterpart(
        "AWS::Lambda::Permission",
        {"function": "FunctionName"},
        {"qualifier": "part of the function's ARN there"},
    ),
    "aws:rds/cluster:Cluster": Counterpart(
        "AWS::RDS::DBCluster",
        {
            "clusterIdentifier": "DBClusterIdentifier",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "masterUserSecretKmsKeyId": "MasterUserSecret.KmsKeyId",
            "restoreToPointInTime.restoreToTime": "RestoreToTime",
            "restoreToPointInTime.sourceClusterIdentifier": "SourceDBClusterIdentifier",
            "restoreToPointInTime.useLatestRestorableTime": "UseLatestRestorableTime",
            "restoreToPointInTime.restoreType": "RestoreType",
        },
        {
            "allowMajorVersionUpgrade": TERRAFORM_ONLY,
            "applyImmediately": TERRAFORM_ONLY,
            "finalSnapshotIdentifier": "the DeletionPolicy there",
            "skipFinalSnapshot": "the DeletionPolicy there",
        },
    ),
    "aws:rds/clusterInstance:ClusterInstance": Counterpart(
        "AWS::RDS::DBInstance",
        {
            "clusterIdentifier": "DBClusterIdentifier",
            "identifier": "DBInstanceIdentifier",
            "instanceClass": "DBInstanceClass",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
        },
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Counterpart(
        "AWS::RDS::DBClusterParameterGroup", lacks={"namePrefix": PREFIX}
    ),
    "aws:rds/proxy:Proxy": Counterpart("AWS::RDS::DBProxy", {"name": "DBProxyName", "auths": "Auth"}),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": Counterpart(
        "AWS::RDS::DBProxyTargetGroup",
        {"connectionPoolConfig": "ConnectionPoolConfigurationInfo"},
        constants={"TargetGroupName": "default"},
    ),
    "aws:rds/proxyEndpoint:ProxyEndpoint": Counterpart("AWS::RDS::DBProxyEndpoint"),
    "aws:rds/subnetGroup:SubnetGroup": Counterpart(
        "AWS::RDS::DBSubnetGroup", {"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"}
    ),
    "aws:route53/record:Record": Counterpart(
        "AWS::Route53::RecordSet",
        {
            "zoneId": "HostedZoneId",
            "records": "ResourceRecords",
            "aliases": "AliasTarget",
            "aliases.zoneId": "HostedZoneId",
            "aliases.name": "DNSName",
        },
        {"allowOverwrite": TERRAFORM_ONLY},
    ),
    "aws:secretsmanager/secret:Secret": Counterpart(
        "AWS::SecretsManager::Secret",
        lacks={"recoveryWindowInDays": "an argument of the deletion, not of the secret", "namePrefix": PREFIX},
    ),
    "aws:sns/topic:Topic": Counterpart("AWS::SNS::Topic", {"name": "TopicName"}),
    "aws:sns/topicPolicy:TopicPolicy": Counterpart(
        "AWS::SNS::TopicPolicy", {"policy": "PolicyDocument", "arn": "Topics"}
    ),
    "aws:sns/topicSubscription:TopicSubscription": Counterpart("AWS::SNS::Subscription", {"topic": "TopicArn"}),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Counterpart(
        "AWS::EC2::SecurityGroupEgress",
        {"securityGroupId": "GroupId", "referencedSecurityGroupId": "DestinationSecurityGroupId"},
        {"tags": "CloudFormation cannot tag a rule"},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Counterpart(
        "AWS::EC2::SecurityGroupIngress",
        {"securityGroupId": "GroupId", "referencedSecurityGroupId": "SourceSecurityGroupId"},
        {"tags": "CloudFormation cannot tag a rule"},
    ),
}

WITHOUT_TYPE: Mapping[str, str] = {
    "aws:acm/certificateValidation:CertificateValidation": "waits for the certificate",
    "aws:budgets/budget:Budget": "one object with its notifications there, nested in another way",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "CloudFormation cannot change the default group",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "a list of the role there",
    "aws:lambda/invocation:Invocation": "a call, not a resource",
    "aws:rds/proxyTarget:ProxyTarget": "a list of the target group there",
    "aws:secretsmanager/secretVersion:SecretVersion": "a property of the secret there",
    "pulumi:pulumi:StackReference": "Pulumi's own",
    "pulumi:providers:aws": "Pulumi's own",
    "random:index/randomId:RandomId": "Pulumi's own",
    "random:index/randomPassword:RandomPassword": "Pulumi's own",
}


REFERENCES: Mapping[str, str] = {
    "aws:apigatewayv2/authorizer:Authorizer": "AuthorizerId",
    "aws:ec2/routeTable:RouteTable": "RouteTableId",
    "aws:ec2/securityGroup:SecurityGroup": "GroupId",
}
"""Types whose ids are written as references, so that cfn-lint also checks what kind of thing is referred to."""


class Unmapped(AssertionError):
    """A resource or property that has no place in `TYPES` or `WITHOUT_TYPE`."""


def template(graph: Graph) -> dict[str, Any]:
    """The custom resources of `graph` as a template. Raises: `Unmapped`."""
    made = [resource for resource in graph if resource.custom and resource.type not in WITHOUT_TYPE]
    unknown = sorted({resource.type for resource in made} - set(TYPES))
    if unknown:
        raise Unmapped(f"{', '.join(unknown)}: neither a CloudFormation type nor a reason for having none")
    references = {
        resource.id: {"Fn::GetAtt": [_name(resource), REFERENCES[resource.type]]}
        for resource in made
        if resource.type in REFERENCES
    }
    resources = {
        _name(resource): {
            "Type": TYPES[resource.type].type,
            "Properties": _referring(_properties(resource, TYPES[resource.type]), references),
        }
        for resource in made
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def _name(resource: Resource) -> str:
    return re.sub("[^A-Za-z0-9]", "", f"{resource.name}-{TYPES[resource.type].type.rpartition(':')[2]}")


def _properties(resource: Resource, counterpart: Counterpart) -> dict[str, Any]:
    schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, counterpart.type).schema
    constants = {key: value.format(name=resource.name) for key, value in counterpart.constants.items()}
    return {**constants, **_Converter(resource.type, counterpart, schema).object(resource.inputs, schema, "")}


def _referring(value: Any, references: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _referring(item, references) for key, item in value.items()}
    if isinstance(value, list):
        return [_referring(item, references) for item in value]
    return references.get(value, value) if isinstance(value, str) else value


class _Converter:
    """Gives values the form that one schema wants."""

    def __init__(self, pulumi_type: str, counterpart: Counterpart, schema: Mapping[str, Any]) -> None:
        self.pulumi_type = pulumi_type
        self.counterpart = counterpart
        self.definitions: Mapping[str, Any] = schema.get("definitions", {})

    def object(self, values: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> dict[str, Any]:
        known: Mapping[str, Any] = schema.get("properties", {})
        by_letters = {name.lower(): name for name in known}
        found: dict[str, Any] = {}
        for key, value in values.items():
            here = f"{path}.{key}" if path else key
            if value is None or here in self.counterpart.lacks:
                continue
            if here == "restoreToPointInTime":
                found |= self.object(value, schema, here)
                continue
            name = self.counterpart.names.get(here) or by_letters.get(key.lower())
            if name is None:
                near = difflib.get_close_matches(key, known, cutoff=0.3)
                raise Unmapped(f"{self.pulumi_type}: {here} has no counterpart; near are {', '.join(near)}")
            outer, _, inner = name.partition(".")
            wanted = self.resolved(known[outer])
            if inner:
                converted = self.value(value, self.resolved(wanted["properties"][inner]), here)
                found.setdefault(outer, {})[inner] = converted
            else:
                found[outer] = self.value(value, wanted, here)
        return found

    def value(self, value: Any, schema: Mapping[str, Any], path: str) -> Any:
        types = schema.get("type", ())
        types = {types} if isinstance(types, str) else set(types)
        if path == "code":
            return {"S3Bucket": "bundle", "S3Key": "bundle.zip"}
        if path == "softwareTokenMfaConfiguration":
            return ["SOFTWARE_TOKEN_MFA"]
        if path.endswith("tags") and "array" in types:
            return [{"Key": key, "Value": tag} for key, tag in value.items()]
        if path.endswith("dimensions"):
            return [{"Name": key, "Value": dimension} for key, dimension in value.items()]
        if path.startswith("parameters") and isinstance(value, list):
            return {item["name"]: item["value"] for item in value}
        if path == "metricQueries.metric":
            return self.metric(value)
        if isinstance(value, list):
            if "array" not in types:
                return self.value(value[0], schema, path)
            return [self.value(item, self.resolved(schema.get("items", {})), path) for item in value]
        if isinstance(value, dict):
            if "array" in types:
                return [self.value(value, self.resolved(schema["items"]), path)]
            return self.object(value, schema, path) if "properties" in schema else value
        if "array" in types:
            return [value]
        if isinstance(value, str) and "object" in types:
            return json.loads(value)
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def metric(self, value: Mapping[str, Any]) -> dict[str, Any]:
        dimensions = [{"Name": key, "Value": dimension} for key, dimension in value["dimensions"].items()]
        metric = {"Namespace": value["namespace"], "MetricName": value["metricName"], "Dimensions": dimensions}
        return {"Metric": metric, "Period": int(value["period"]), "Stat": value["stat"]}

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = schema.get("$ref")
        return self.resolved(self.definitions[reference.rpartition("/")[2]]) if reference else schema
