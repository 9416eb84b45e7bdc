"""Row policies in migrations: what is stored, what is refused with MySQL's words, and what a later migration breaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from api.catalog import Table
from api.catalog.policies import Policy, Unreadable
from local.server import Server
from migrator.errors import MigratorError
from migrator.files import Migration, parse
from migrator.run import migrate
from tests.integration.introspecting import catalog_of

TABLES = """
CREATE TABLE note (id INT PRIMARY KEY, owner_id INT NOT NULL, title VARCHAR(20), team_id INT);
CREATE TABLE member (team_id INT, user_id INT, role_name VARCHAR(10));
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON note USING (owner_id = auth.uid());
"""


class Database:
    """A database, and the migrations applied to it so far."""

    def __init__(self, server: Server, name: str, connection: Any) -> None:
        self.server, self.name, self.connection = server, name, connection
        self.files: list[Migration] = []

    def apply(self, text: str) -> None:
        """Apply one more migration."""
        one = parse(f"{len(self.files) + 1:04}_m.sql", text.encode())
        migrate(self.connection, self.name, (*self.files, one))
        self.files.append(one)

    def refused(self, text: str) -> MigratorError:
        before = self.stored()
        with pytest.raises(MigratorError) as raised:
            self.apply(text)
        assert self.stored() == before
        return raised.value

    def stored(self) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT * FROM aurorest_policies ORDER BY table_name, policy_name")
            return cursor.fetchall()

    def table(self, name: str) -> Table:
        return catalog_of(self.server, self.name).schemas[self.name].tables[name]


def policies(database: Database) -> tuple[Policy, ...]:
    """The only policy of notes."""
    found = policies_of(database, "note")
    assert len(found) == 1
    return found


def policies_of(database: Database, name: str) -> tuple[Policy, ...]:
    found = database.table(name).policies
    assert not isinstance(found, Unreadable)
    return found or ()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        found = Database(server, name, connection)
        found.apply(TABLES)
        yield found


def test_policies_come_with_the_catalog_and_their_table_does_not(database: Database) -> None:
    own = policies(database)[0]
    assert (own.name, own.permissive, own.command, own.roles, own.check) == ("own", True, None, (), None)
    assert own.using is not None
    assert own.using.source == "owner_id = auth.uid()"
    assert database.table("member").policies is None
    assert set(catalog_of(database.server, database.name).schemas[database.name].tables) == {"note", "member"}


def test_policies_are_changed_renamed_and_dropped(database: Database) -> None:
    database.apply("""
        CREATE POLICY team ON note AS RESTRICTIVE FOR UPDATE TO a, b USING (
          EXISTS (SELECT 1 FROM member m WHERE m.team_id = note.team_id AND m.user_id = auth.uid()))
          WITH CHECK (title <> '100%');
        ALTER POLICY own ON note RENAME TO mine;
        ALTER POLICY mine ON note TO editor WITH CHECK (owner_id = auth.uid() AND title IS NOT NULL);
        DROP POLICY IF EXISTS nothing ON note;
        DROP POLICY IF EXISTS nothing ON nothing;
        ALTER TABLE member ENABLE ROW LEVEL SECURITY;
        ALTER TABLE member ENABLE ROW LEVEL SECURITY;
    """)
    by_name = {policy.name: policy for policy in policies_of(database, "note")}
    assert by_name.keys() == {"mine", "team"}
    assert by_name["mine"].roles == ("editor",)
    assert by_name["mine"].check is not None
    assert by_name["team"].roles == ("a", "b")
    assert database.table("member").policies == ()
    database.apply("""
        DROP POLICY mine ON note;
        ALTER TABLE note DISABLE ROW LEVEL SECURITY;
        ALTER TABLE member DISABLE ROW LEVEL SECURITY;
    """)
    assert database.table("note").policies is None
    database.apply("ALTER TABLE note ENABLE ROW LEVEL SECURITY")  # the policies were still there
    assert [policy.name for policy in policies_of(database, "note")] == ["team"]


@pytest.mark.parametrize(
    "statement, said",
    [
        ("CREATE POLICY p ON note USING (missing = 1)", "missing"),
        ("CREATE POLICY p ON note USING (owner_id = = 1)", "1064"),
        ("CREATE POLICY p ON note USING (nofunction(owner_id))", "nofunction"),
        ("CREATE POLICY p ON note USING (EXISTS (SELECT 1 FROM member WHERE user_id = owner_id))", "ambiguous"),
        ("CREATE POLICY p ON note USING (EXISTS (SELECT 1 FROM member WHERE nothing = 1))", "nothing"),
        ("CREATE POLICY p ON note USING (auth.uid() = 1 OR auth.uid())", "not a condition"),
        ("CREATE POLICY own ON note USING (TRUE)", "already exists"),
        ("CREATE POLICY p ON nothing USING (TRUE)", "does not exist"),
        ("CREATE POLICY p ON elsewhere.note USING (TRUE)", "another database"),
        ("ALTER POLICY p ON note USING (TRUE)", "does not exist"),
        ("ALTER POLICY own ON note USING (missing = 1)", "missing"),
        ("DROP POLICY p ON note", "does not exist"),
        ("ALTER TABLE nothing ENABLE ROW LEVEL SECURITY", "does not exist"),
        ("CREATE POLICY p ON note FOR SELECT", "expected USING"),
        ("RENAME TABLE note TO memo", "would not follow"),
        ("ALTER TABLE note RENAME memo", "would not follow"),
        ("ALTER TABLE note ADD x INT, RENAME TO memo", "would not follow"),
    ],
)
def test_a_wrong_policy_fails_with_file_statement_and_reason_and_stores_nothing(
    database: Database, statement: str, said: str
) -> None:
    error = database.refused(f"DO 0;\n{statement};")
    assert error.code == "migration_failed"
    assert error.message.startswith("0002_m.sql, statement 2 of 2 (line 2: ")
    assert said in str(error.details)
    database.apply("DO 0; DO 1;")  # the corrected statement continues there


def test_a_policy_that_a_migration_breaks_is_reported(database: Database) -> None:
    error = database.refused("ALTER TABLE note RENAME COLUMN owner_id TO user_id")
    assert (error.code, "own on note" in error.message) == ("policy_broken", True)
    database.apply("""ALTER TABLE note RENAME COLUMN owner_id TO user_id;
        ALTER POLICY own ON note USING (user_id = auth.uid())""")
    own = policies(database)[0]
    assert own.using is not None
    assert own.using.columns == {"user_id"}


def test_the_type_of_a_claim_follows_a_changed_column(database: Database) -> None:
    before = database.table("note").policies
    database.apply("ALTER TABLE note MODIFY owner_id VARCHAR(40) NOT NULL")
    assert database.table("note").policies != before


def test_the_policies_of_a_dropped_table_are_forgotten(database: Database) -> None:
    database.apply("DROP TABLE note")
    assert database.stored() == ()
