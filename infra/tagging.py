"""Tags on everything: one transformation of the stack, so that no component can forget it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi


def tag_everything(tags: Mapping[str, str]) -> None:
    """Tag every AWS resource that can be tagged, with `Name` its name in the program."""

    def transformation(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("aws:") or "tags" not in args.props:
            return None
        return pulumi.ResourceTransformationResult(
            props={**args.props, "tags": {**tags, "Name": args.name}}, opts=args.opts
        )

    pulumi.runtime.register_stack_transformation(transformation)
