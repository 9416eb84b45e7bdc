"""The to-do list of docs/security.md with an unmodified supabase-js: Ann, Bob, and somebody without a token."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import closing
from pathlib import Path

from local.server import Server
from local.tokens import signed
from migrator.files import parse
from migrator.run import migrate
from tests.accounts import role_accounts
from tests.e2e.packages import NODE
from tests.serving import serving

SECRET = "a-secret-of-the-tests-that-is-long-enough"
PAGE = Path(__file__).parents[3] / "docs" / "security.md"


def test_two_people_share_a_list_and_nobody_else_sees_it(server: Server, database: str) -> None:
    member, nobody = f"auth_{database[-8:]}", f"anon_{database[-8:]}"
    (migration,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    tokens = {name: signed({"role": member, "sub": name}, SECRET) for name in ("ann", "bob", "eve")}
    with closing(server.connect(database)) as connection, role_accounts(server, member, nobody):
        migrate(connection, database, (parse("0001_todo.sql", migration.replace("authenticated", member).encode()),))
        with serving(
            server.url(database), ROLES=f"{member},{nobody}", ANONYMOUS_ROLE=nobody, JWT_SECRET=SECRET
        ) as address:
            script = Path(__file__).with_name("todo.mjs")
            ran = subprocess.run(
                [NODE, script, address, json.dumps(tokens)], capture_output=True, text=True, check=False, timeout=120
            )
        assert ran.returncode == 0, ran.stderr
