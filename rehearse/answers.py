"""What AWS adds to a resource when it is made: its id, ARN, addresses, and the values that it decides."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-central-1"
DEFAULT_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/aws-managed"
Values = dict[str, Any]

_FAMILY_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "aurora-mysql8.0": {"time_zone": "UTC"},
    "aurora-mysql8.4": {"time_zone": "UTC", "require_secure_transport": "ON"},
}
"""Parameters that stay the system's while they have its value: AWS reports those as pending-reboot, whatever was sent
(the provider's documentation of `aws_db_parameter_group`, "Problematic Plan Changes")."""


def arn(service: str, resource: str) -> str:
    """An ARN of the rehearsed account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def made(type_: str, inputs: Values, number: int) -> tuple[str, Values]:
    """The id, and the outputs besides the inputs, of the `number`-th resource that the account makes."""
    unique = sha256(f"{type_} {number}".encode()).hexdigest()[:17]
    service, _, kind = type_.split(":")[1].partition("/")
    name = str(inputs.get("name") or f"{kind}-{unique[:7]}")
    if type_.startswith("random:"):
        return _random(type_, inputs, unique)
    special = _SPECIAL.get(type_)
    id_, outputs = special(inputs, name, unique) if special else (f"{kind}-{unique}", {})
    if "tags" in inputs:
        outputs["tagsAll"] = inputs["tags"]
    return id_, {"arn": arn(service, f"{kind}/{name}"), "region": REGION, **outputs}


def read(type_: str, inputs: Values) -> Values:
    """The inputs as the provider's Read finds them afterwards, where that differs from what was sent."""
    if type_ != "aws:rds/clusterParameterGroup:ClusterParameterGroup":
        return alike(type_, inputs)
    defaults = _FAMILY_DEFAULTS.get(inputs["family"], {})
    parameters = [
        {**each, "applyMethod": "pending-reboot"} if defaults.get(each["name"]) == each["value"] else each
        for each in inputs.get("parameters", ())
    ]
    return {**inputs, "parameters": parameters}


def alike(type_: str, inputs: Values) -> Values:
    """The inputs in the one form for all that the provider takes as the same (`StateFunc`, `CustomizeDiff`)."""
    if type_ != "aws:rds/cluster:Cluster":
        return inputs
    found = dict(inputs)
    if "preferredMaintenanceWindow" in found:
        found["preferredMaintenanceWindow"] = found["preferredMaintenanceWindow"].lower()
    if found.get("storageType") == "aurora":
        found["storageType"] = ""
    return found


def _random(type_: str, inputs: Values, unique: str) -> tuple[str, Values]:
    if type_ == "random:index/randomId:RandomId":
        digits = unique[: 2 * int(inputs["byteLength"])]
        prefix = str(inputs.get("prefix", ""))
        return digits, {"hex": prefix + digits, "dec": prefix + str(int(digits, 16)), "b64Url": prefix + digits}
    text = (sha256(unique.encode()).hexdigest() * 2)[: int(inputs["length"])]
    if type_ == "random:index/randomPassword:RandomPassword":
        return unique, {"result": text, "bcryptHash": f"$2a$10${text}"}
    return text, {"result": text}


def _cluster(inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    identifier = inputs["clusterIdentifier"]
    key = inputs.get("masterUserSecretKmsKeyId", DEFAULT_KEY)
    secret = {"secretArn": arn("secretsmanager", f"secret:rds!cluster-{unique}-AbCdEf"), "kmsKeyId": key}
    return identifier, {
        "arn": arn("rds", f"cluster:{identifier}"),
        "availabilityZones": [f"{REGION}{letter}" for letter in "abc"],
        "clusterResourceId": f"cluster-{unique.upper()}",
        "endpoint": f"{identifier}.cluster-{unique[:12]}.{REGION}.rds.amazonaws.com",
        "readerEndpoint": f"{identifier}.cluster-ro-{unique[:12]}.{REGION}.rds.amazonaws.com",
        "engineVersionActual": inputs.get("engineVersion", ""),
        "kmsKeyId": inputs.get("kmsKeyId", DEFAULT_KEY),
        "masterUserSecrets": [{**secret, "secretStatus": "active"}] if inputs.get("manageMasterUserPassword") else [],
        "port": 3306,
        "storageType": inputs.get("storageType", ""),
        "autoMinorVersionUpgrade": inputs.get("autoMinorVersionUpgrade", True),
    }


def _instance(inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    identifier = inputs.get("identifier") or f"{inputs.get('identifierPrefix') or 'tf-'}20261126{unique[:16]}"
    return identifier, {
        "identifier": identifier,
        "arn": arn("rds", f"db:{identifier}"),
        "endpoint": f"{identifier}.{unique[:12]}.{REGION}.rds.amazonaws.com",
        "engineVersionActual": inputs.get("engineVersion", ""),
        "dbiResourceId": f"db-{unique.upper()}",
    }


def _proxy(_inputs: Values, name: str, unique: str) -> tuple[str, Values]:
    return name, {
        "arn": arn("rds", f"db-proxy:prx-{unique}"),
        "endpoint": f"{name}.proxy-{unique[:12]}.{REGION}.rds.amazonaws.com",
    }


def _proxy_endpoint(inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    name = inputs["dbProxyEndpointName"]
    address = f"{name}.endpoint.proxy-{unique[:12]}.{REGION}.rds.amazonaws.com"
    return f"{inputs['dbProxyName']}/{name}", {
        "arn": arn("rds", f"db-proxy-endpoint:prx-endpoint-{unique}"),
        "endpoint": address,
        "isDefault": False,
    }


def _function(inputs: Values, name: str, _unique: str) -> tuple[str, Values]:
    return name, {"arn": arn("lambda", f"function:{name}"), **version_of(name, 1 if inputs.get("publish") else 0)}


def version_of(function: str, number: int) -> Values:
    """The outputs that move with each published version; 0: none is published."""
    label = str(number) if number else "$LATEST"
    qualified = arn("lambda", f"function:{function}:{label}")
    return {"version": label, "qualifiedArn": qualified, "qualifiedInvokeArn": invoke_arn(qualified)}


def invoke_arn(function_arn: str) -> str:
    """What API Gateway calls."""
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn}/invocations"


def _alias(inputs: Values, name: str, _unique: str) -> tuple[str, Values]:
    function = str(inputs["functionName"]).rpartition(":")[2]
    own = arn("lambda", f"function:{function}:{name}")
    return f"{function}/{name}", {"arn": own, "invokeArn": invoke_arn(own)}


def _api(_inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    id_ = unique[:10]
    return id_, {
        "arn": f"arn:aws:apigateway:{REGION}::/apis/{id_}",
        "apiEndpoint": f"https://{id_}.execute-api.{REGION}.amazonaws.com",
        "executionArn": arn("execute-api", id_),
    }


def _domain(inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    configured = {
        **inputs.get("domainNameConfiguration", {}),
        "targetDomainName": f"d-{unique[:10]}.execute-api.{REGION}.amazonaws.com",
        "hostedZoneId": "Z1U9ULNL0V5AJ3",
    }
    return inputs["domainName"], {"domainNameConfiguration": configured}


def _certificate(inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    own = arn("acm", f"certificate/{unique}")
    domain = inputs.get("domainName")
    proof = {
        "domainName": domain,
        "resourceRecordName": f"_proof.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": "_value.acm-validations.aws.",
    }
    return own, {"arn": own, "domainValidationOptions": [proof]}


def _key(_inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    id_ = f"{unique[:8]}-1111-2222-3333-{unique[:12]}"
    return id_, {"keyId": id_, "arn": arn("kms", f"key/{id_}")}


def _secret(_inputs: Values, name: str, _unique: str) -> tuple[str, Values]:
    own = arn("secretsmanager", f"secret:{name}-AbCdEf")
    return own, {"arn": own}


def _secret_version(inputs: Values, _name: str, unique: str) -> tuple[str, Values]:
    return f"{inputs['secretId']}|{unique}", {"arn": inputs["secretId"], "versionId": unique}


def _by_arn(service: str, prefix: str) -> Any:
    def answer(_inputs: Values, name: str, _unique: str) -> tuple[str, Values]:
        own = arn(service, f"{prefix}{name}")
        return own, {"arn": own}

    return answer


def _by_name(service: str, prefix: str, *, regional: bool = True) -> Any:
    def answer(_inputs: Values, name: str, unique: str) -> tuple[str, Values]:
        own = arn(service, f"{prefix}{name}") if regional else f"arn:aws:{service}::{ACCOUNT}:{prefix}{name}"
        return name, {"arn": own, "uniqueId": f"AROA{unique.upper()[:16]}"}

    return answer


def _prefixed(prefix: str) -> Any:
    return lambda _inputs, _name, unique: (f"{prefix}-{unique}", {})


_SPECIAL: Mapping[str, Any] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:apigatewayv2/api:Api": _api,
    "aws:apigatewayv2/domainName:DomainName": _domain,
    "aws:apigatewayv2/stage:Stage": lambda inputs, name, _unique: (name, {"invokeUrl": f"https://{inputs['apiId']}"}),
    "aws:cloudwatch/dashboard:Dashboard": lambda inputs, _name, _unique: (inputs["dashboardName"], {}),
    "aws:cloudwatch/logGroup:LogGroup": _by_name("logs", "log-group:"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _by_name("cloudwatch", "alarm:"),
    "aws:cognito/userPool:UserPool": lambda _inputs, _name, unique: (f"{REGION}_{unique[:9]}", {}),
    "aws:cognito/userPoolClient:UserPoolClient": lambda _inputs, _name, unique: (unique, {"clientSecret": unique}),
    "aws:ec2/securityGroup:SecurityGroup": _prefixed("sg"),
    "aws:ec2/subnet:Subnet": _prefixed("subnet"),
    "aws:ec2/vpc:Vpc": lambda _inputs, _name, unique: (f"vpc-{unique}", {"defaultSecurityGroupId": f"sg-d{unique}"}),
    "aws:iam/policy:Policy": lambda _inputs, name, _unique: (
        f"arn:aws:iam::{ACCOUNT}:policy/{name}",
        {"arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}"},
    ),
    "aws:iam/role:Role": _by_name("iam", "role/", regional=False),
    "aws:kms/key:Key": _key,
    "aws:lambda/alias:Alias": _alias,
    "aws:lambda/function:Function": _function,
    "aws:lambda/invocation:Invocation": lambda inputs, _name, unique: (
        f"{inputs['functionName']}_$LATEST_{unique}",
        {"result": '{"applied": []}'},
    ),
    "aws:rds/cluster:Cluster": _cluster,
    "aws:rds/clusterInstance:ClusterInstance": _instance,
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _by_name("rds", "cluster-pg:"),
    "aws:rds/proxy:Proxy": _proxy,
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": lambda inputs, _name, _unique: (
        inputs["dbProxyName"],
        {"name": "default"},
    ),
    "aws:rds/proxyEndpoint:ProxyEndpoint": _proxy_endpoint,
    "aws:rds/subnetGroup:SubnetGroup": _by_name("rds", "subgrp:"),
    "aws:route53/record:Record": lambda inputs, _name, unique: (unique, {"fqdn": inputs.get("name")}),
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _secret_version,
    "aws:sns/topic:Topic": _by_arn("sns", ""),
}
