"""The policy pack of `pulumi preview --policy-pack policy`. The rules are in `policies.py`."""

from policies import POLICIES  # type: ignore[import-not-found]
from pulumi_policy import PolicyPack

PolicyPack(name="aurorest", policies=list(POLICIES))
