"""The tables of docs/writes.md with an unmodified supabase-js: nested rows, rows with their own values, keys, tags and
batches."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

from local.server import Server
from migrator.idempotency import create_idempotency_table
from tests.e2e.packages import NODE
from tests.integration.console import page, statements
from tests.serving import serving


def test_supabase_js_writes_once_and_all_or_nothing(server: Server, database: str) -> None:
    server.execute(*statements(page("writes.md")), database=database)
    with closing(server.connect(database)) as connection:
        create_idempotency_table(connection, database)
    with serving(server.url(database)) as address:
        script = Path(__file__).with_name("writes.mjs")
        ran = subprocess.run([NODE, script, address], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
