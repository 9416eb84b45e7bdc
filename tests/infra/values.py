"""Values as Pulumi sends them, made plain."""

from __future__ import annotations

from typing import Any

from pulumi import FileArchive
from pulumi.runtime import rpc

SECRET_KEY = "4dabf18193072939515e22adb298388d"


def plain(value: Any, path: str, secrets: set[str]) -> Any:
    """`value` without the wrapping of secrets, whose paths are added to `secrets`."""
    if isinstance(value, dict):
        if SECRET_KEY in value and "value" in value:
            secrets.add(path)
            return plain(value["value"], path, secrets)
        return {name: plain(item, f"{path}.{name}" if path else name, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, f"{path}[{number}]", secrets) for number, item in enumerate(value)]
    if rpc.is_rpc_secret(value):
        secrets.add(path)
        return plain(rpc.unwrap_rpc_secret(value), path, secrets)
    if isinstance(value, float) and value.is_integer():
        return int(value)  # protobuf has no whole numbers
    if isinstance(value, FileArchive):
        return {"archive": value.path}
    return value
