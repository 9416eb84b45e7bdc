"""Which archive the functions run: one built from this folder, or one that was built elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from infra.bundle import BundleError, BundleOptions, build_bundle
from infra.config import FunctionOptions

VARIABLE = "AUROREST_BUNDLE"


def deployable(root: Path, options: FunctionOptions) -> Path:
    """The archive: the one that the environment names, or one built (or found) under `build/`.

    Raises: `pulumi.RunError` when it does not exist or cannot be built.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        if not Path(given).is_file():
            raise pulumi.RunError(
                f"{VARIABLE} is {given!r}, which is not a file; allowed: an archive that make bundle built"
            )
        return Path(given)
    wanted = BundleOptions(root, root / "build", options.python_version, options.architecture)
    try:
        return build_bundle(wanted, pulumi.log.info)
    except BundleError as error:
        raise pulumi.RunError(str(error)) from error
