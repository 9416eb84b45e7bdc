"""UUIDs in BINARY(16): their text, and the order of their bytes."""

from __future__ import annotations

import re
from uuid import UUID

from api.catalog import UuidOrder

UUID_BYTES = 16
_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE | re.ASCII)


def uuid_bytes(text: str, order: UuidOrder) -> bytes | None:
    """The bytes of a UUID of 36 characters; None if the text is not one.

    >>> uuid_bytes("00112233-4455-6677-8899-aabbccddeeff", UuidOrder.SWAPPED).hex()
    '66774455001122338899aabbccddeeff'
    """
    if _TEXT.match(text) is None:
        return None
    data = UUID(text).bytes
    return data if order is UuidOrder.PLAIN else data[6:8] + data[4:6] + data[:4] + data[8:]


def uuid_text(data: bytes, order: UuidOrder) -> str:
    """The text of 16 bytes as a UUID.

    >>> uuid_text(bytes.fromhex("66774455001122338899aabbccddeeff"), UuidOrder.SWAPPED)
    '00112233-4455-6677-8899-aabbccddeeff'
    """
    return str(UUID(bytes=data if order is UuidOrder.PLAIN else data[4:8] + data[2:4] + data[:2] + data[8:]))
