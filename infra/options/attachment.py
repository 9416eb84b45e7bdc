"""What an application is attached to if another stack or tool created the cluster."""

from __future__ import annotations

from infra.keys import text
from infra.options.shapes import ARN

CLUSTER_STACK = text(
    "clusterStack",
    r"[\w.-]+(/[\w.-]+){0,2}",
    "`stack`, `project/stack` or `organisation/project/stack`",
    "The Aurorest stack whose network and cluster this stack attaches to.",
)
CLUSTER_IDENTIFIER = text(
    "clusterIdentifier",
    r"[a-z][a-z0-9-]{0,62}",
    "an Aurora MySQL cluster's identifier",
    "Attach to this cluster; with `vpcId`, `subnetIds`, `clusterSecurityGroupId`, `adminSecretArn` and `adminUser`.",
)
CLUSTER_SECURITY_GROUP = text(
    "clusterSecurityGroupId",
    r"sg-[0-9a-f]{8,17}",
    "`sg-...`",
    "The existing cluster's security group; the proxy is let in.",
)
ADMIN_SECRET_ARN = text(
    "adminSecretArn",
    ARN % ("secretsmanager", "secret:[A-Za-z0-9/_+=.@!-]+"),
    "a secret's ARN",
    "The existing cluster's admin secret, a JSON object with `username` and `password`.",
)
ADMIN_SECRET_KEY_ARN = text(
    "adminSecretKeyArn",
    ARN % ("kms", "key/[a-z0-9-]+"),
    "a key's ARN",
    "The customer managed key of `adminSecretArn`, if any.",
)
