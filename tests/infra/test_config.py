"""The configuration: read with its defaults, refused as a whole with every problem named."""

from __future__ import annotations

import contextlib
import re
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import cidr, reference
from infra.config import ConfigurationError, StackConfig
from infra.load import load
from infra.options import KEYS
from infra.preflight import SubnetFacts, choose_zones, subnet_problems

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x-AbCdEf"
ATTACHED = {
    "vpcId": "vpc-0a0a0a0a",
    "subnetIds": "subnet-0a0a0a0a,subnet-0b0b0b0b",
    "clusterIdentifier": "legacy",
    "clusterSecurityGroupId": "sg-0a0a0a0a",
    "adminSecretArn": SECRET_ARN,
}


def read(*, region: str = "eu-central-1", stack: str = "dev", **values: str) -> StackConfig:
    return load(values, project="aurorest", stack=stack, region=region)


def refused(*, region: str = "eu-central-1", stack: str = "dev", **values: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(region=region, stack=stack, **values)
    return str(caught.value)


def test_only_the_region_must_be_set() -> None:
    config = read()
    assert config.front.auth == "iam"
    assert config.users.authentication == "secret"
    assert config.database.engine_version == "8.4.mysql_aurora.8.4.7"
    assert (config.database.minimum_capacity, config.database.maximum_capacity) == (0.5, 2.0)
    assert config.full_name == "aurorest-dev"


def test_an_empty_text_is_the_default() -> None:
    assert read(alarmEmail="", maxCapacity=" ") == read()


def test_lists_are_written_with_commas_or_as_json() -> None:
    assert read(schemas="a, b").database.schemas == read(schemas='["a", "b"]').database.schemas == ("a", "b")


def test_an_empty_json_list_turns_a_default_list_off() -> None:
    assert read(logExports="[]").database.log_exports == ()


def test_the_order_of_a_map_changes_nothing() -> None:
    assert read(tags='{"b": "2", "a": "1"}') == read(tags='{"a": "1", "b": "2"}')


def test_all_problems_are_reported_at_once() -> None:
    told = refused(auth="open", maxRows="0", maxRowz="5")
    assert "aurorest:auth is 'open'; allowed: `iam`, `jwt`, `none`" in told
    assert "aurorest:maxRows is '0'; allowed: 1 to 1000000" in told
    assert "aurorest:maxRowz is not a key of this stack; did you mean maxRows" in told


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_is_named_with_what_is_allowed_when_its_value_is_not(key) -> None:  # type: ignore[no-untyped-def]
    told = refused(**{key.name: "\N{SNOWMAN} not this"})
    assert f"aurorest:{key.name} is '\N{SNOWMAN} not this'; allowed: {key.allowed}" in told


@given(name=st.sampled_from([key.name for key in KEYS]), text=st.text(max_size=30))
def test_no_text_ends_in_anything_but_a_configuration_or_its_error(name: str, text: str) -> None:
    with contextlib.suppress(ConfigurationError):
        load({name: text}, project="aurorest", stack="dev", region="eu-central-1")


TEXTS = (
    *(
        "true",
        "false",
        "0",
        "1",
        "2",
        "5",
        "7",
        "10",
        "14",
        "15",
        "29",
        "40",
        "60",
        "90",
        "100",
        "365",
        "1024",
        "6000000",
    ),
    *("0.5", "4", "64", "256", "iam", "jwt", "none", "secret", "app", "orders", "reader_1", "mysql", "app,orders"),
    *("8.4.mysql_aurora.8.4.7", "8.0.mysql_aurora.3.10.4", "5.7.mysql_aurora.2.11.5", "10.0.0.0/16", "10.0.0.0/26"),
    *("eu-central-1a,eu-central-1b", "euc1-az1,euc1-az2", "use1-az3,use1-az1", "vpc-0a0a0a0a", "sg-0a0a0a0a"),
    *("subnet-0a0a0a0a", "subnet-0a0a0a0a,subnet-0b0b0b0b", "01:00-02:00", "23:50-00:30", "sun:03:00-sun:04:00"),
    *("sun:23:30-mon:00:30", "mon:00:00-sun:23:00", "https://x.example", "api.example.com", "Z1", "[]", '{"b": 50}'),
    *("*", "https://x.example,*", "2026-11-01T00:00:00Z", "3.11", "3.14", "DEBUG", "standard", "advanced", SECRET_ARN),
)


@given(
    st.dictionaries(
        st.sampled_from(KEYS).map(lambda key: key.name), st.sampled_from(TEXTS), min_size=1, max_size=12
    ).map(
        lambda values: {
            key.name: values[key.name] for key in KEYS if key.name in values and key.parse(values[key.name])
        }
    )
)
def test_allowed_values_together_end_in_a_configuration_or_in_what_contradicts(values: dict[str, str]) -> None:
    try:
        config = load(values, project="aurorest", stack="dev", region="eu-central-1")
    except ConfigurationError as error:
        told = error.problems
    else:
        told = ()
        assert (
            config.proxy.borrow_timeout_seconds
            < config.function.limits["READ_TIMEOUT_SECONDS"]
            < config.function.timeout_seconds
        )
        assert config.proxy.max_idle_connections_percent <= config.proxy.max_connections_percent <= 100
        assert 0.5 <= config.database.minimum_capacity <= config.database.maximum_capacity
        assert config.front.auth != "none" or config.front.allow_public_access
    assert all("aurorest:" in problem for problem in told)


BAD = [
    ({"maxRows": "1e3"}, "maxRows", "1 to 1000000"),
    ({"maxRows": "-1"}, "maxRows", "1 to 1000000"),
    ({"docs": "yes"}, "docs", "`true`, `false`"),
    ({"minCapacity": "0"}, "minCapacity", "never pauses"),
    ({"minCapacity": "0.7"}, "minCapacity", "steps of 0.5"),
    ({"minCapacity": "4", "maxCapacity": "2"}, "minCapacity", "minCapacity <= maxCapacity"),
    ({"maxCapacity": "0.5"}, "maxCapacity", "1 to 256"),
    ({"maxCapacity": "300"}, "maxCapacity", "1 to 256"),
    ({"engineVersion": "5.7.mysql_aurora.2.11.5"}, "engineVersion", "5.7"),
    ({"engineVersion": "8.0.mysql_aurora.2.11.5"}, "engineVersion", "8.0.mysql_aurora.3.x.y"),
    ({"engineVersion": "8.4"}, "engineVersion", "a full Aurora MySQL version"),
    ({"engineVersion": "8.0.mysql_aurora.3.10.4", "autoMinorVersionUpgrade": "true"}, "autoMinorVersionUpgrade", "LTS"),
    ({"databaseName": "mysql"}, "databaseName", "system database"),
    ({"databaseName": "My DB"}, "databaseName", "lower-case"),
    ({"schemas": "app"}, "schemas", "repeats databaseName"),
    ({"schemas": "a,a"}, "schemas", "database names"),
    ({"adminUser": "rdsadmin"}, "adminUser", "keeps for itself"),
    ({"applicationUser": "aurorest_admin"}, "applicationUser", "three different names"),
    ({"databaseAuthentication": "password"}, "databaseAuthentication", "`iam`, `secret`"),
    ({"maxConnectionsPercent": "95"}, "maxConnectionsPercent", "90 or less"),
    ({"maxConnectionsPercent": "101"}, "maxConnectionsPercent", "1 to 100"),
    ({"otherShares": '{"b": 50}'}, "maxConnectionsPercent", "40 or less"),
    ({"otherShares": '{"b": 0}'}, "otherShares", "1 to 100"),
    ({"maxIdleConnectionsPercent": "91"}, "maxIdleConnectionsPercent", "0 to 90"),
    ({"connectionBorrowTimeoutSeconds": "15"}, "connectionBorrowTimeoutSeconds", "0 to 14"),
    ({"connectionBorrowTimeoutSeconds": "10"}, "readTimeoutSeconds", "11 to 14"),
    ({"readTimeoutSeconds": "15"}, "readTimeoutSeconds", "1 to 14"),
    ({"writeTimeoutSeconds": "20"}, "writeTimeoutSeconds", "1 to 14"),
    ({"connectTimeoutSeconds": "15"}, "connectTimeoutSeconds", "1 to 14"),
    ({"statementTimeoutMilliseconds": "10000"}, "statementTimeoutMilliseconds", "10 to 9999"),
    ({"timeoutSeconds": "30"}, "timeoutSeconds", "2 to 29"),
    ({"idleClientTimeoutSeconds": "59"}, "idleClientTimeoutSeconds", "60 to 28800"),
    ({"sessionPinningFilters": "EVERYTHING"}, "sessionPinningFilters", "EXCLUDE_VARIABLE_SETS"),
    ({"initQuery": "DROP TABLE t"}, "initQuery", "SET name=value"),
    ({"initQuery": "SET time_zone='SYSTEM'"}, "initQuery", "not `time_zone`"),
    ({"initQuery": "SET @a=1"}, "initQuery", "SET name=value"),
    ({"zones": "eu-central-1a"}, "zones", "two or more"),
    ({"zones": "use1-az3,use1-az1"}, "zones", "no RDS Proxy"),
    ({"zones": "us-east-1a,us-east-1b"}, "zones", "not in aws:region"),
    ({"vpcCidr": "8.8.0.0/16"}, "vpcCidr", "private block"),
    ({"vpcCidr": "127.0.0.0/16"}, "vpcCidr", "private block"),
    ({"vpcCidr": "10.0.0.1/16"}, "vpcCidr", "private block"),
    ({"vpcCidr": "10.0.0.0/24", "subnetPrefix": "24"}, "vpcCidr", "no room"),
    ({"subnetPrefix": "28"}, "subnetPrefix", "27 or less"),
    ({"subnetPrefix": "26", "maxCapacity": "256"}, "subnetPrefix", "25 or less"),
    ({"vpcId": "vpc-0a0a0a0a"}, "subnetIds", "both, or neither"),
    ({"vpcId": "vpc-0a0a0a0a", "subnetIds": "subnet-0a0a0a0a"}, "subnetIds", "two or more"),
    (
        {"vpcId": "vpc-0a0a0a0a", "subnetIds": "subnet-0a0a0a0a,subnet-0b0b0b0b", "flowLogs": "true"},
        "flowLogs",
        "false",
    ),
    ({"readEndpoint": "true"}, "readEndpoint", "readers 1 or more"),
    ({"readersMaximum": "3"}, "readersMaximum", "readers 1 or more"),
    ({"readers": "3", "readersMaximum": "2"}, "readersMaximum", "more than readers"),
    ({"readers": "16"}, "readers", "0 to 15"),
    ({"backupRetentionDays": "0"}, "backupRetentionDays", "1 to 35"),
    ({"backupWindow": "01:00-01:10"}, "backupWindow", "30 minutes"),
    ({"backupWindow": "25:00-26:00"}, "backupWindow", "hh:mm"),
    ({"backupWindow": "02:45-03:15"}, "backupWindow", "overlaps"),
    ({"backupWindow": "23:30-00:30", "maintenanceWindow": "sun:00:00-sun:01:00"}, "backupWindow", "overlaps"),
    ({"maintenanceWindow": "sun:03:00-sun:03:10"}, "maintenanceWindow", "30 minutes"),
    ({"restoreSnapshot": "snap", "restoreCluster": "old"}, "restoreCluster", "one of them"),
    ({"restoreTime": "2026-11-01T00:00:00Z"}, "restoreTime", "restoreCluster"),
    ({"restoreTime": "yesterday", "restoreCluster": "old"}, "restoreTime", "ISO 8601"),
    ({"enhancedMonitoringSeconds": "7"}, "enhancedMonitoringSeconds", "0, 1, 5, 10, 15, 30, 60"),
    ({"logRetentionDays": "2"}, "logRetentionDays", "1, 3, 5"),
    ({"logExports": "binlog"}, "logExports", "`slowquery`"),
    ({"pythonVersion": "3.10"}, "pythonVersion", "`3.11`"),
    ({"snapStart": "true", "pythonVersion": "3.11"}, "snapStart", "3.12"),
    ({"architecture": "riscv"}, "architecture", "`arm64`, `x86_64`"),
    ({"auth": "none"}, "auth", "allowPublicAccess"),
    ({"allowPublicAccess": "true"}, "allowPublicAccess", "leave it false"),
    ({"auth": "jwt"}, "auth", "jwtIssuer and jwtAudience, or cognito"),
    ({"auth": "jwt", "jwtIssuer": "http://x", "jwtAudience": "a"}, "jwtIssuer", "https://"),
    ({"auth": "jwt", "jwtIssuer": "https://x", "jwtAudience": "a", "cognito": "true"}, "cognito", "leave out"),
    ({"jwtScopes": "read"}, "jwtScopes", "belong to auth jwt"),
    ({"cognito": "true"}, "cognito", "belong to auth jwt"),
    ({"docs": "false", "publicDocs": "true"}, "publicDocs", "turned off"),
    ({"browse": "true"}, "browse", "a browser cannot sign"),
    ({"browseLogin": "https://x.example?client_id=a"}, "browseLogin", "browse false"),
    ({"corsOrigins": "*,https://a.example"}, "corsOrigins", "* alone"),
    ({"corsOrigins": "example.com"}, "corsOrigins", "https://app.example.com"),
    ({"corsOrigins": "[]"}, "corsOrigins", "at least one"),
    ({"domainName": "api.example.com"}, "domainName", "certificateArn, or hostedZoneId"),
    ({"hostedZoneId": "Z123"}, "hostedZoneId", "domainName"),
    ({"accessLogFields": "requestId,queryString"}, "accessLogFields", "`requestId`"),
    ({"alarmEmail": "ops@example.com", "alarms": "false"}, "alarmEmail", "alarms is false"),
    ({"alarmEmail": "nobody"}, "alarmEmail", "an e-mail address"),
    ({"budgetUsd": "100"}, "budgetUsd", "alarmEmail"),
    ({"instanceClass": "db.r8g.large", "maxCapacity": "8"}, "instanceClass", "leave them out"),
    ({"instanceClass": "r8g.large"}, "instanceClass", "db.serverless"),
    ({"accessSecurityGroupIds": "bastion"}, "accessSecurityGroupIds", "sg-"),
    ({**ATTACHED, "dataApi": "true"}, "dataApi", "leaves it false"),
    ({"tags": '{"aws:x": "1"}'}, "tags", "not `aws:...`"),
    ({"tags": '{"x": 1}'}, "tags", "names and values"),
    ({"clusterIdentifier": "legacy"}, "clusterSecurityGroupId", "also needs"),
    ({"adminSecretArn": SECRET_ARN}, "clusterIdentifier", "also needs"),
    ({**ATTACHED, "clusterStack": "prod"}, "clusterStack", "leave out"),
    ({**ATTACHED, "readers": "1"}, "readers", "owning stack"),
    ({**ATTACHED, "restoreSnapshot": "snap"}, "restoreSnapshot", "does not have one"),
]


@pytest.mark.parametrize("values, key, allowed", BAD, ids=[str(values) for values, _, _ in BAD])
def test_what_cannot_be_built_is_refused_with_the_key_and_what_is_allowed(
    values: dict[str, str], key: str, allowed: str
) -> None:
    told = refused(**values)
    assert key in told
    assert allowed in told


@pytest.mark.parametrize("region", ["", "frankfurt", "eu-central-1a"])
def test_a_region_must_be_in_the_stacks_configuration(region: str) -> None:
    assert "pulumi config set aws:region eu-central-1" in refused(region=region)


@pytest.mark.parametrize("region", ["cn-north-1", "us-iso-east-1", "eu-isoe-west-1"])
def test_partitions_with_other_service_names_are_refused(region: str) -> None:
    assert "the partitions aws and aws-us-gov" in refused(region=region)
    assert read(region="us-gov-west-1").region == "us-gov-west-1"


@pytest.mark.parametrize("stack", ["Dev", "a--b", "a.b", "feature_1", "x" * 40])
def test_a_stack_whose_name_aws_would_refuse_is_refused(stack: str) -> None:
    assert f"aurorest-{stack}" in refused(stack=stack)


def test_attaching_by_identifiers_needs_all_of_them_and_nothing_else() -> None:
    config = read(**ATTACHED)
    assert config.attachment is not None
    assert config.attachment.cluster_identifier == "legacy"


def test_zones_are_the_first_of_the_region_that_have_a_proxy() -> None:
    ids = {"us-east-1c": "use1-az1", "us-east-1a": "use1-az3", "us-east-1b": "use1-az2"}
    assert choose_zones((), 2, ids) == ("us-east-1b", "us-east-1c")
    assert choose_zones(("use1-az1", "us-east-1b"), 2, ids) == ("use1-az1", "us-east-1b")


@pytest.mark.parametrize(
    "wanted, count, told",
    [
        (("us-east-1a", "us-east-1b"), 2, "us-east-1a, which this account cannot use or where there is no RDS Proxy"),
        (("us-east-1b", "use1-az2"), 2, "names one zone twice"),
        ((), 3, "this region has 2 zones"),
    ],
)
def test_zones_that_aws_would_refuse_are_refused(wanted: tuple[str, ...], count: int, told: str) -> None:
    ids = {"us-east-1a": "use1-az3", "us-east-1b": "use1-az2", "us-east-1c": "use1-az1"}
    with pytest.raises(ConfigurationError, match=told):
        choose_zones(wanted, count, ids)


def test_existing_subnets_must_have_room_and_a_proxy_and_lie_apart() -> None:
    small = SubnetFacts("subnet-1", "vpc-1", "us-east-1a", "use1-az3", 5)
    elsewhere = SubnetFacts("subnet-2", "vpc-2", "us-east-1a", "use1-az6", 200)
    problems = " ".join(subnet_problems([small, elsewhere], "vpc-1", 19))
    assert "subnet-1 with 5 free addresses; allowed: 19 or more" in problems
    assert "subnet-1 in us-east-1a (use1-az3), where there is no RDS Proxy" in problems
    assert "subnet-2 of vpc-2; allowed: subnets of vpc-1" in problems
    assert "are all in us-east-1a" in problems


@given(st.integers(16, 26), st.integers(16, 28), st.integers(1, 6))
def test_subnets_are_apart_and_inside_their_block(block: int, prefix: int, count: int) -> None:
    try:
        found = [IPv4Network(one) for one in cidr.subnets(f"10.0.0.0/{block}", prefix, count)]
    except ValueError:
        assert prefix < block or 2 ** (prefix - block) < count
        return
    assert all(one.subnet_of(IPv4Network(f"10.0.0.0/{block}")) for one in found)
    assert not any(one.overlaps(other) for one in found for other in found if one is not other)


def test_the_documentation_has_exactly_the_keys() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert documented == [key.name for key in KEYS]


def test_the_documentation_is_written_from_the_keys() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert page == reference.reference(), "run: python -m infra.reference > docs/configuration.md"


def test_no_key_is_defined_twice() -> None:
    names = [key.name for key in KEYS]
    assert len(names) == len(set(names))
