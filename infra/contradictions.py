"""Settings that are each allowed but cannot be together, or that AWS accepts and then does not honour. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from api.settings import SERVER_ACCOUNTS, WORDS_OF_GRANT
from infra import cidr
from infra.config import StackConfig
from infra.options.database import MAXIMUM_CAPACITY, MINIMUM_CAPACITY
from infra.users import SLOT_SUFFIX

ZONES_WITHOUT_PROXY = ("use1-az3", "usw1-az2")
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-network-prereqs.html"""

LTS_VERSIONS = ("8.0.mysql_aurora.3.04.", "8.0.mysql_aurora.3.10.")
_RESERVED_USERS = ("admin", "mysql", "rdsadmin", "rdsproxyadmin", "rdsrepladmin", "root")
_RESERVED_DATABASES = ("information_schema", "mysql", "performance_schema", "sys")
_DAY_MINUTES = 24 * 60
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def contradictions(config: StackConfig) -> tuple[str, ...]:
    """One sentence for each contradiction, naming the keys and what is allowed; empty: the stack can be built."""
    return (
        *_identity(config),
        *_network(config),
        *_attachment(config),
        *_database(config),
        *_users(config),
        *_proxy(config),
        *_timeouts(config),
        *_function(config),
        *_front(config),
        *_roles(config),
    )


def _identity(config: StackConfig) -> Iterator[str]:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", config.region):
        yield f"aws:region is {config.region!r}; set it once: pulumi config set aws:region eu-central-1"
    if re.match(r"cn-|us-iso|eu-iso", config.region):
        yield (
            f"aws:region is {config.region}, where AWS has other service names and addresses; "
            "allowed: regions of the partitions aws and aws-us-gov"
        )
    # Cluster and proxy allow 63 characters, two hyphens in a row are refused, and suffixes follow.
    if not re.fullmatch(r"[a-z](-?[a-z0-9])*", config.full_name) or len(config.full_name) > 32:
        yield (
            f"the name {config.full_name!r} (project-stack) begins the names of AWS resources; allowed: lower-case "
            "letters, digits and single hyphens, 32 at most, a letter first"
        )


def _network(config: StackConfig) -> Iterator[str]:
    network = config.network
    if bool(network.vpc_id) != bool(network.subnet_ids):
        yield "aurorest:vpcId and aurorest:subnetIds go together; allowed: both, or neither"
    if network.subnet_ids and len(network.subnet_ids) < 2:
        yield "aurorest:subnetIds has one subnet; allowed: two or more, in different zones"
    if len(network.zones) == 1:
        yield "aurorest:zones has one zone; allowed: two or more, or none to let the stack choose"
    for zone in network.zones:
        if zone in ZONES_WITHOUT_PROXY:
            yield f"aurorest:zones has {zone}, where there is no RDS Proxy; allowed: the other zones of the region"
        elif "-az" not in zone and zone[:-1] != config.region:
            yield f"aurorest:zones has {zone}, which is not in aws:region {config.region}"
    if network.vpc_id:
        if network.flow_logs:
            yield "aurorest:flowLogs is for the VPC that the stack makes; with aurorest:vpcId leave it false"
        if network.zones:
            yield "aurorest:zones is for the VPC that the stack makes; with aurorest:vpcId the subnets decide"
        return
    count = len(network.zones) or network.zone_count
    try:
        cidr.subnets(network.vpc_cidr, network.subnet_prefix, count)
    except ValueError as problem:
        yield f"aurorest:vpcCidr and aurorest:subnetPrefix: {problem}"
    needed = addresses_per_subnet(config)
    usable = cidr.usable_addresses(network.subnet_prefix)
    if usable < needed:
        largest = next(prefix for prefix in range(28, 15, -1) if cidr.usable_addresses(prefix) >= needed)
        yield (
            f"aurorest:subnetPrefix {network.subnet_prefix} leaves {usable} addresses, and the proxy and the functions "
            f"want {needed} in each subnet; allowed: {largest} or less"
        )


def addresses_per_subnet(config: StackConfig) -> int:
    """Free addresses that this configuration wants in each of its subnets."""
    return cidr.needed_addresses(
        config.database.most_units, config.database.instances_most, 1 if config.proxy.read_endpoint else 0
    )


def _attachment(config: StackConfig) -> Iterator[str]:
    attachment = config.attachment
    if attachment is None:
        return
    database = config.database
    by_id = {
        "clusterIdentifier": attachment.cluster_identifier,
        "clusterSecurityGroupId": attachment.security_group_id,
        "adminSecretArn": attachment.admin_secret_arn,
        "vpcId": config.network.vpc_id,
    }
    if attachment.stack:
        extra = [f"aurorest:{name}" for name, value in by_id.items() if value]
        if extra:
            yield f"aurorest:clusterStack gives the network and the cluster; leave out {', '.join(extra)}"
    else:
        missing = [f"aurorest:{name}" for name, value in by_id.items() if not value]
        if missing:
            yield f"an existing cluster by its identifiers also needs {', '.join(missing)}"
    if database.readers or database.readers_maximum:
        yield "aurorest:readers and readersMaximum are the owning stack's; an attached stack leaves them 0"
    if database.data_api:
        yield "aurorest:dataApi is a setting of the cluster; an attached stack leaves it false"
    if database.restore.snapshot or database.restore.cluster:
        yield "aurorest:restoreSnapshot and restoreCluster create a cluster; an attached stack does not have one"


def _database(config: StackConfig) -> Iterator[str]:
    database = config.database
    if not re.match(r"8\.0\.mysql_aurora\.3\.|8\.4\.mysql_aurora\.8\.4\.", database.engine_version):
        yield (
            f"aurorest:engineVersion is {database.engine_version!r}; allowed: 8.0.mysql_aurora.3.x.y and "
            "8.4.mysql_aurora.8.4.x (5.7 and version 2 are past their end of life)"
        )
    if database.auto_minor_version_upgrade and database.engine_version.startswith(LTS_VERSIONS):
        yield "aurorest:autoMinorVersionUpgrade leaves the LTS version that engineVersion names; allowed: false"
    units = (database.minimum_capacity, database.maximum_capacity)
    if not database.serverless and units != (MINIMUM_CAPACITY.default, MAXIMUM_CAPACITY.default):
        yield (
            f"aurorest:minCapacity and maxCapacity belong to instanceClass db.serverless, and it is "
            f"{database.instance_class}; leave them out"
        )
    if database.minimum_capacity == 0:
        yield (
            "aurorest:minCapacity is 0, but a cluster behind RDS Proxy never pauses (the proxy keeps connections open) "
            "and AWS reports no error; allowed: 0.5 or more"
        )
    if database.maximum_capacity < 1:
        yield f"aurorest:maxCapacity is {database.maximum_capacity:g}; allowed: 1 to 256"
    if database.minimum_capacity > database.maximum_capacity:
        yield "aurorest:minCapacity is above maxCapacity; allowed: minCapacity <= maxCapacity"
    for name in (database.name, *database.schemas):
        if name in _RESERVED_DATABASES:
            yield f"aurorest:databaseName and schemas may not be a system database: {name}"
    if database.name in database.schemas:
        yield f"aurorest:schemas repeats databaseName {database.name}; allowed: further databases"
    if 0 < database.readers_maximum <= database.readers:
        yield "aurorest:readersMaximum is not above readers; allowed: 0 (no autoscaling) or more than readers"
    if database.readers_maximum and not database.readers:
        yield (
            "aurorest:readersMaximum adds readers by the load of those there are, and aurorest:readers is 0; "
            "allowed: with readers 1 or more"
        )
    if config.proxy.read_endpoint and config.attachment is None and not database.readers:
        yield (
            "aurorest:readEndpoint needs a reader that is always there (an endpoint without one refuses at once); "
            "allowed: with readers 1 or more"
        )
    if database.restore.snapshot and database.restore.cluster:
        yield "aurorest:restoreSnapshot and restoreCluster are two sources for one cluster; allowed: one of them"
    if database.restore.time and not database.restore.cluster:
        yield "aurorest:restoreTime is the moment of restoreCluster; allowed: together with it"
    yield from _windows(config)


def _windows(config: StackConfig) -> Iterator[str]:
    backup = [_minutes(clock) for clock in config.database.backup_window.split("-")]
    start, end = (
        _DAYS.index(moment[:3]) * _DAY_MINUTES + _minutes(moment[4:])
        for moment in config.database.maintenance_window.split("-")
    )
    backup_length = (backup[1] - backup[0]) % _DAY_MINUTES
    maintenance_length = (end - start) % (7 * _DAY_MINUTES)
    if backup_length < 30:
        yield "aurorest:backupWindow is shorter than 30 minutes"
    if not 30 <= maintenance_length <= _DAY_MINUTES:
        yield "aurorest:maintenanceWindow must last from 30 minutes to a day"
    elif (backup[0] - start) % _DAY_MINUTES < maintenance_length or (start - backup[0]) % _DAY_MINUTES < backup_length:
        yield "aurorest:backupWindow overlaps maintenanceWindow, which RDS refuses; allowed: apart"


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _users(config: StackConfig) -> Iterator[str]:
    users = config.users
    named = {"adminUser": users.admin, "applicationUser": users.application, "readOnlyUser": users.read_only}
    for key, name in named.items():
        if name.lower() in _RESERVED_USERS:
            yield f"aurorest:{key} is {name}, which MySQL or RDS keeps for itself"
    if len({name.lower() for name in named.values()}) < len(named):
        yield "aurorest:adminUser, applicationUser and readOnlyUser are three users; allowed: three different names"


def _proxy(config: StackConfig) -> Iterator[str]:
    proxy = config.proxy
    if proxy.max_idle_connections_percent > proxy.max_connections_percent:
        yield (
            f"aurorest:maxIdleConnectionsPercent {proxy.max_idle_connections_percent} is above maxConnectionsPercent; "
            f"allowed: 0 to {proxy.max_connections_percent}"
        )
    others = sum(share for _, share in proxy.other_shares)
    room = 100 - others - proxy.headroom_percent
    total = 100 - room + proxy.max_connections_percent
    if total > 100:
        yield (
            f"the shares of the connections add up to {total} percent: maxConnectionsPercent "
            f"{proxy.max_connections_percent}, otherShares {others}, connectionHeadroomPercent "
            f"{proxy.headroom_percent}; allowed: 100 at most, so aurorest:maxConnectionsPercent {max(0, room)} or less"
        )


def _timeouts(config: StackConfig) -> Iterator[str]:
    """A shorter wait inside a longer one: the innermost gives up first and says what happened.

    Proxy's borrow < driver's read < function < API; the proxy's own default of 120 s would outlast them all.
    """
    function, borrow = config.function, config.proxy.borrow_timeout_seconds
    read_seconds, statement_ms = function.limits["READ_TIMEOUT_SECONDS"], function.limits["STATEMENT_TIMEOUT_MS"]
    if borrow >= function.timeout_seconds:
        yield (
            f"aurorest:connectionBorrowTimeoutSeconds {borrow} is not below timeoutSeconds {function.timeout_seconds}: "
            f"callers would see a dead function, not a busy database; allowed: 0 to {function.timeout_seconds - 1}"
        )
    elif borrow >= read_seconds:
        yield (
            f"aurorest:readTimeoutSeconds {read_seconds} is not above "
            f"connectionBorrowTimeoutSeconds {borrow}; allowed: {borrow + 1} to {function.timeout_seconds - 1}"
        )
    for key, seconds in (
        ("connectTimeoutSeconds", function.limits["CONNECT_TIMEOUT_SECONDS"]),
        ("readTimeoutSeconds", read_seconds),
        ("writeTimeoutSeconds", function.limits["WRITE_TIMEOUT_SECONDS"]),
    ):
        if seconds >= function.timeout_seconds:
            yield f"aurorest:{key} {seconds} is not below timeoutSeconds; allowed: 1 to {function.timeout_seconds - 1}"
    if statement_ms >= read_seconds * 1000:
        yield (
            f"aurorest:statementTimeoutMilliseconds {statement_ms} is not below "
            f"readTimeoutSeconds; allowed: 10 to {read_seconds * 1000 - 1}"
        )


def _function(config: StackConfig) -> Iterator[str]:
    if config.function.snap_start and config.function.python_version == "3.11":
        yield "aurorest:snapStart needs a newer runtime than pythonVersion 3.11; allowed: 3.12, 3.13, 3.14"


def _front(config: StackConfig) -> Iterator[str]:
    front = config.front
    own_issuer = bool(front.jwt_issuer or front.jwt_audience)
    if front.auth == "none" and not front.allow_public_access:
        yield (
            "aurorest:auth is none: everyone may read and write the database; say so with aurorest:allowPublicAccess "
            "true, or choose iam or jwt"
        )
    if front.auth != "none" and front.allow_public_access:
        yield f"aurorest:allowPublicAccess belongs to auth none, and auth is {front.auth}; leave it false"
    if front.auth == "jwt":
        if front.cognito and own_issuer:
            yield "aurorest:cognito makes its own issuer and audience; leave out jwtIssuer and jwtAudience"
        if not front.cognito and not (front.jwt_issuer and front.jwt_audience):
            yield "aurorest:auth jwt needs jwtIssuer and jwtAudience, or cognito true"
    elif own_issuer or front.jwt_scopes or front.cognito:
        yield f"aurorest:jwtIssuer, jwtAudience, jwtScopes and cognito belong to auth jwt, and auth is {front.auth}"
    if front.browse and front.auth == "iam":
        yield "aurorest:browse needs auth jwt or none: a browser cannot sign requests, as auth iam requires"
    if front.browse_login and not front.browse:
        yield "aurorest:browseLogin belongs to a page that browse false leaves off"
    if front.public_docs and not front.docs:
        yield "aurorest:publicDocs shows a page that docs false has turned off"
    if "*" in front.cors_origins and len(front.cors_origins) > 1:
        yield "aurorest:corsOrigins has * beside others; allowed: * alone, or a list of origins"
    if not front.cors_origins:
        yield "aurorest:corsOrigins is empty; allowed: * or at least one origin"
    if front.domain_name and not (front.certificate_arn or front.hosted_zone_id):
        yield "aurorest:domainName needs certificateArn, or hostedZoneId to have a certificate issued"
    if not front.domain_name and (front.certificate_arn or front.hosted_zone_id):
        yield "aurorest:certificateArn and hostedZoneId belong to domainName, which is not set"
    if config.monitoring.alarm_email and not (config.monitoring.alarms or config.monitoring.budget_usd):
        yield "aurorest:alarmEmail gets alarms, and alarms is false; allowed: with alarms true or a budgetUsd"
    if config.monitoring.budget_usd and not config.monitoring.alarm_email:
        yield "aurorest:budgetUsd needs somebody to write to; allowed: with alarmEmail"


def _roles(config: StackConfig) -> Iterator[str]:
    roles, front, users = config.roles, config.front, config.users
    if not roles.names:
        if roles.default or roles.anonymous or roles.bypass_row_security or roles.claim != "role":
            yield (
                "aurorest:roleClaim, defaultRole, anonymousRole and bypassRowSecurity belong to roles, which is empty; "
                "allowed: with roles"
            )
        return
    chosen = {
        "defaultRole": (roles.default,),
        "anonymousRole": (roles.anonymous,),
        "bypassRowSecurity": roles.bypass_row_security,
    }
    for key, names in chosen.items():
        for role in names:
            if role and role not in roles.names:
                yield f"aurorest:{key} has {role}, which is not one of roles; allowed: {', '.join(roles.names)}"
    taken = {users.admin, users.application, users.application + SLOT_SUFFIX, users.read_only}
    for role in roles.names:
        if role.lower() in {name.lower() for name in taken}:
            yield f"aurorest:roles has {role}, a name of adminUser, applicationUser or readOnlyUser; allowed: others"
        if role.lower() in {*_RESERVED_USERS, *SERVER_ACCOUNTS, *WORDS_OF_GRANT}:
            yield f"aurorest:roles has {role}, which MySQL, RDS or row policies reserve; allowed: other names"
    if len({role.lower() for role in roles.names}) < len(roles.names):
        yield "aurorest:roles has two names that differ in case only; allowed: different names"
    if roles.anonymous and roles.anonymous in roles.bypass_row_security:
        yield "aurorest:bypassRowSecurity has the anonymousRole: everyone would see every row; allowed: other roles"
    if front.auth == "none" and not roles.anonymous:
        yield "aurorest:auth none has no tokens; allowed with roles: an anonymousRole for every caller"
    if front.auth == "none" and roles.default:
        yield "aurorest:defaultRole is the role of tokens, and auth none has none; allowed: anonymousRole alone"
    if front.auth == "iam" and not roles.default and not re.match(r"\.?iam\.", roles.claim):
        yield "aurorest:auth iam has no tokens that name a role; allowed with roles: a defaultRole"
    if front.public_docs and not roles.anonymous:
        yield "aurorest:publicDocs shows what callers without a token may do; allowed with roles: an anonymousRole"
