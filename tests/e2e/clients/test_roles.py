"""An unmodified supabase-js with `accessToken`, as two users and as nobody, against the local server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from local.server import Server
from local.tokens import signed
from tests.accounts import role_accounts
from tests.e2e.packages import NODE
from tests.serving import serving

SECRET = "a-secret-of-the-tests-that-is-long-enough"
ROLES = ("nobody", "reader", "member")
SCHEMA = (
    (
        "CREATE TABLE todo (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(40) NOT NULL, owner VARCHAR(20),"
        " done TINYINT(1) NOT NULL DEFAULT 0)"
    ),
    "CREATE TABLE private (id INT PRIMARY KEY)",
    "CREATE FUNCTION open_count() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM todo WHERE NOT done)",
    "GRANT SELECT (id, title) ON todo TO nobody",
    "GRANT SELECT ON todo TO reader",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON todo TO member",
    "GRANT EXECUTE ON FUNCTION open_count TO member",
)


def test_supabase_js_acts_as_the_role_of_its_token(server: Server, database: str) -> None:
    tokens = {
        "ann": signed({"role": "member", "sub": "ann"}, SECRET),
        "bob": signed({"role": "reader", "sub": "bob"}, SECRET),
        "expired": signed({"role": "member", "sub": "ann"}, SECRET, lifetime_seconds=-60),
    }
    with role_accounts(server, *ROLES):
        server.execute(*SCHEMA, database=database)
        with serving(
            server.url(database), ROLES=",".join(ROLES), ANONYMOUS_ROLE="nobody", JWT_SECRET=SECRET
        ) as address:
            script = Path(__file__).with_name("roles.mjs")
            ran = subprocess.run(
                [NODE, script, address, json.dumps(tokens)], capture_output=True, text=True, check=False, timeout=120
            )
        assert ran.returncode == 0, ran.stderr
