"""Tags on everything: one transform of the stack, so that no component can forget them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping

import pulumi
import pulumi_aws


def tag_everything(prefix: pulumi.Output[str], tags: Mapping[str, str]) -> None:
    """Tag every AWS resource that can be tagged: `Stack` is the prefix of its names, `Name` its name in the program."""

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if not args.type_.startswith("aws:") or not taggable(args.type_):
            return None
        own = {"Stack": prefix, "ManagedBy": "pulumi", **tags, "Name": pulumi.Output.concat(prefix, "-", args.name)}
        return pulumi.ResourceTransformResult(props={**args.props, "tags": own}, opts=args.opts)

    pulumi.runtime.register_resource_transform(transform)


@functools.cache
def taggable(type_: str) -> bool:
    """Whether a resource type of the AWS provider has tags.

    >>> taggable("aws:rds/cluster:Cluster"), taggable("aws:lambda/alias:Alias")
    (True, False)
    """
    module, _, name = type_.removeprefix("aws:").partition("/")
    resource = getattr(getattr(pulumi_aws, {"lambda": "lambda_"}.get(module, module)), name.partition(":")[2])
    return "tags" in inspect.signature(resource._internal_init).parameters
