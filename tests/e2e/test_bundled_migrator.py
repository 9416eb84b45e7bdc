"""The migrator as Lambda runs it: from the bundle, with AWS's runtime client, over TLS and with a checked token."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bundle import BundleOptions, build_bundle
from local.server import Server
from tests.certificates import Authority
from tests.e2e.runtime import Function, FunctionError, running, unpack
from tests.standin.session import stand_in

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "bundled_shop"
PASSWORD = "s3cret-of-the-application"
EVENT: dict[str, Any] = {
    "database": DATABASE,
    "authentication": "secret",
    "users": [{"name": "bundled_api", "access": "read-write", "password": PASSWORD}],
    "roles": [{"name": "bundled_anon", "password": PASSWORD}],
}


@pytest.fixture
def task(tmp_path: Path) -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    bundle = build_bundle(BundleOptions(ROOT, ROOT / "build", version, "x86_64"))
    unpacked = unpack(bundle, tmp_path / "task")
    (unpacked / "migrations" / "0001_item.sql").write_text(
        "CREATE TABLE item (id INT); INSERT INTO item VALUES (1); GRANT SELECT ON item TO bundled_anon;"
    )
    return unpacked


@pytest.fixture
def migrator(task: Path, mysql_server: Server, authority: Authority, tmp_path: Path) -> Iterator[Function]:
    with stand_in(mysql_server, authority.issue("localhost"), may_pin=True) as proxied:
        environment = proxied.environment("mysql")
        with running(task, "migrator.handler.handler", environment, tmp_path) as function:
            yield function
    mysql_server.execute(f"DROP DATABASE IF EXISTS {DATABASE}", "DROP USER IF EXISTS bundled_api, bundled_anon")


def test_it_creates_database_tables_and_users_and_raises_its_failures(
    migrator: Function, task: Path, mysql_server: Server
) -> None:
    assert migrator.invoke(EVENT) == {
        "database": DATABASE,
        "applied": ["0001_item.sql"],
        "users": ["bundled_api"],
        "roles": ["bundled_anon"],
    }
    assert migrator.invoke(EVENT)["applied"] == []
    with mysql_server.connect(DATABASE) as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM item") == 1

    (task / "migrations" / "0002_wrong.sql").write_text("SELECT 1;\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(FunctionError) as raised:
        migrator.invoke(EVENT)
    told = json.loads(str(raised.value).partition(": ")[2])
    assert told["errorType"] == "MigratorError"
    assert "0002_wrong.sql, statement 2 of 2 (line 2: INSERT INTO nowhere VALUES (1))" in told["errorMessage"]
    assert "1146" in told["errorMessage"]
    assert "bundled_shop.nowhere" in told["errorMessage"]

    with pytest.raises(FunctionError, match="users must name at least one user"):
        migrator.invoke(EVENT | {"users": []})
    log = json.dumps(migrator.log)
    assert "0001_item.sql" in log
    assert PASSWORD not in log
