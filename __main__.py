"""The stack: from the configuration to the API's address. What each part is made of is in its own module of `infra`."""

from __future__ import annotations

from pathlib import Path

import pulumi

from infra.access import Access, AccessArgs
from infra.cost import estimate
from infra.database import Database, DatabaseArgs
from infra.deployable import deployable
from infra.domain import Domain, DomainArgs
from infra.encryption import Encryption, EncryptionArgs
from infra.existing import attach
from infra.function import Function, FunctionArgs
from infra.gateway import Gateway, GatewayArgs
from infra.identity import Identity, IdentityArgs
from infra.migrator import Migrator, MigratorArgs
from infra.monitoring import Monitoring, MonitoringArgs
from infra.naming import Naming, NamingArgs
from infra.network import Network, NetworkArgs
from infra.outputs import Outputs, export
from infra.preflight import existing_place, zones_of
from infra.previous import check_unchangeable, previous_outputs
from infra.proxy import Proxy, ProxyArgs
from infra.restore import check_restore
from infra.runtime import Runtime
from infra.secret import RotatedSecrets, RotatedSecretsArgs, Secrets, SecretsArgs
from infra.stack_settings import stack_config
from infra.tagging import tag_everything
from infra.users import database_users

ROOT = Path(__file__).resolve().parent

config = stack_config()
previous = previous_outputs(config)
check_unchangeable(config, previous)
check_restore(config, previous)
users = database_users(config.users, previous.get("databaseUsers", {}), config.roles.names)
cost = estimate(config, users)
pulumi.log.info(cost.text())
archive = deployable(ROOT, config.function)
existing = attach(config)
place = existing.place if existing else existing_place(config)
zones = () if place else zones_of(config, previous)

prefix = Naming("name", NamingArgs(config)).prefix
tag_everything(prefix, dict(config.tags))
key_arn = Encryption("encryption", EncryptionArgs(config, prefix)).key_arn if config.customer_managed_keys else None
place = place or Network("network", NetworkArgs(config, prefix, zones, key_arn)).place
access = Access(
    "access",
    AccessArgs(
        prefix,
        place.vpc_id,
        existing.security_group_id if existing else None,
        config.network.access_security_group_ids,
    ),
)
if existing:
    cluster = existing.cluster
else:
    cluster = Database("database", DatabaseArgs(config, prefix, place, access.database_group_id, key_arn)).cluster
secrets = Secrets("secrets", SecretsArgs(config, prefix, cluster, users, key_arn))
waits = [*cluster.instances, *access.rules, *secrets.written]
proxy = Proxy(
    "proxy", ProxyArgs(config, prefix, place, access.proxy_group_id, cluster, users, secrets.arns, waits, key_arn)
)

runtime = Runtime(archive, config, prefix, place, access.function_group_id, proxy.arn, key_arn)
migrator = Migrator(
    "migrator",
    MigratorArgs(
        runtime, users, proxy.endpoint, cluster.admin_user, secrets.passwords, ROOT / "migrations", proxy.target
    ),
)
if secrets.rotated:
    RotatedSecrets("rotated-secrets", RotatedSecretsArgs(secrets.rotated, migrator.done))
function = Function("function", FunctionArgs(runtime, users, proxy.endpoint, proxy.read_endpoint, migrator.done))
identity = Identity("identity", IdentityArgs(config, prefix)) if config.front.cognito else None
issuer = identity.issuer if identity else config.front.jwt_issuer
audience = [identity.audience] if identity else list(config.front.jwt_audience)
gateway = Gateway(
    "gateway",
    GatewayArgs(config, prefix, function.name, function.alias, function.invoke_arn, issuer, audience, key_arn),
)
domain = None
if config.front.domain_name:
    domain = Domain("domain", DomainArgs(config.front, gateway.api_id, gateway.stage_name))
monitoring = Monitoring(
    "monitoring",
    MonitoringArgs(
        config, prefix, proxy.name, cluster.identifier, function.name, migrator.function_name, gateway.api_id, key_arn
    ),
)
export(
    Outputs(
        config=config,
        prefix=prefix,
        cost=cost,
        url=domain.url if domain else gateway.url,
        domain_target=domain.target if domain else None,
        proxy_endpoint=proxy.endpoint,
        proxy_read_endpoint=proxy.read_endpoint,
        read_only_policy_arn=proxy.read_only_policy_arn,
        function_group_id=access.function_group_id,
        proxy_group_id=access.proxy_group_id,
        dashboard_url=monitoring.dashboard_url,
        jwt_issuer=issuer,
        jwt_audience=audience,
        place=place,
        database_group_id=access.database_group_id,
        cluster=cluster,
        users=users,
        zones=zones,
        key_arn=key_arn,
    )
)
