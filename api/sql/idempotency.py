"""The statements on the table of stored answers, which the migrator creates.

Part 0 of a key has the request's fingerprint, the parts after it have the answer. Every locking statement names a whole
primary key, so that it locks no gap and two keys never wait for each other.
"""

from __future__ import annotations

from api.catalog import Dialect
from api.catalog.own_tables import IDEMPOTENCY
from api.statement import Sql, Statement, quote_name, sql, trusted, value


def _table(database: str) -> Sql:
    return trusted(f"{quote_name(database)}.{quote_name(IDEMPOTENCY)}")


def select_claim(database: str, key: bytes, hours: int, dialect: Dialect) -> Statement:
    """The fingerprint of a key, and whether it is too old. Fails at once while another transaction writes it."""
    lock = sql(" FOR SHARE NOWAIT") if dialect is Dialect.MYSQL else sql(" LOCK IN SHARE MODE NOWAIT")
    return sql(
        "SELECT fingerprint,created_at<=UTC_TIMESTAMP()-INTERVAL {} HOUR FROM {} WHERE id={} AND part=0{}",
        value(hours), _table(database), value(key), lock,
    )  # fmt: skip


def select_answer(database: str, key: bytes) -> Statement:
    """The parts of the stored answer, in order."""
    return sql("SELECT content FROM {} WHERE id={} AND part>0 ORDER BY part", _table(database), value(key))


def insert_claim(database: str, key: bytes, fingerprint: bytes) -> Statement:
    """Claim a key. Waits for another transaction that has claimed it; fails if that one committed."""
    return sql(
        "INSERT INTO {} (id,part,fingerprint,created_at) VALUES ({},0,{},UTC_TIMESTAMP())",
        _table(database), value(key), value(fingerprint),
    )  # fmt: skip


def insert_part(database: str, key: bytes, part: int, content: bytes) -> Statement:
    """Store a part of the answer."""
    return sql(
        "INSERT INTO {} (id,part,content,created_at) VALUES ({},{},{},UTC_TIMESTAMP())",
        _table(database), value(key), value(part), value(content),
    )  # fmt: skip


def select_parts(database: str, key: bytes) -> Statement:
    """The primary keys of a key's parts."""
    return sql("SELECT id,part FROM {} WHERE id={}", _table(database), value(key))


def select_expired(database: str, hours: int, most: int) -> Statement:
    """The primary keys of some parts that are too old."""
    return sql(
        "SELECT id,part FROM {} WHERE created_at<=UTC_TIMESTAMP()-INTERVAL {} HOUR ORDER BY created_at LIMIT {}",
        _table(database), value(hours), value(most),
    )  # fmt: skip


def delete_part(database: str, key: bytes, part: int) -> Statement:
    """Remove one part."""
    return sql("DELETE FROM {} WHERE id={} AND part={}", _table(database), value(key), value(part))
