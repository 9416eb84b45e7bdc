"""The prefix of every physical name, chosen once for the life of a stack and kept in its state."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_random as random

from infra.config import StackConfig


@dataclass(frozen=True, slots=True)
class NamingArgs:
    """The project's and the stack's name begin the prefix."""

    config: StackConfig


class Naming(pulumi.ComponentResource):
    """Output: `prefix`, such as `shop-prod-1f0c3a`.

    The random end is new whenever a stack is created. So a stack that is destroyed and created again under the same
    name does not collide with the remains of the first: log groups that Lambda and RDS created again after their
    deletion, the final snapshot, the key. Renaming a stack or a project keeps the prefix, so it changes no resource.
    """

    prefix: pulumi.Output[str]

    def __init__(self, name: str, args: NamingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Naming", name, None, opts)
        chosen = random.RandomId(
            f"{name}-prefix",
            byte_length=3,
            prefix=f"{args.config.full_name}-",
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["prefix"]),
        )
        self.prefix = chosen.hex
        self.register_outputs({"prefix": self.prefix})
