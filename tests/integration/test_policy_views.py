"""Subqueries of policies read tables that the role may not read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from local.server import Server
from migrator.files import Migration, parse
from migrator.policy_views import grant_views, view_of
from migrator.run import migrate
from migrator.users import Role, make_roles
from tests.certificates import Authority
from tests.integration.client import PREFIX, Client
from tests.standin.backend import Limits
from tests.standin.session import serving, stand_in

ROLE = "member_role"
TABLES = f"""
CREATE TABLE team (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL);
CREATE TABLE member (team_id INT, user_id INT, salary INT, PRIMARY KEY (team_id, user_id), KEY by_user (user_id));
INSERT INTO team VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO member VALUES (1, 7, 1000), (3, 7, 900), (2, 8, 800);
GRANT SELECT, INSERT, UPDATE, DELETE ON team TO {ROLE};
ALTER TABLE team ENABLE ROW LEVEL SECURITY;
"""
OWN = "EXISTS (SELECT 1 FROM member WHERE member.team_id = team.id AND member.user_id = auth.uid())"


class Project:
    """A database whose migrations and role are applied as the migrator does it."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.files: list[Migration] = []

    def apply(self, text: str) -> None:
        self.files.append(parse(f"{len(self.files) + 1:04}_m.sql", text.encode()))
        with closing(self.server.connect(self.name)) as connection:
            make_roles(connection, (Role(ROLE, self.server.password, require_tls=False),), "secret")
            migrate(connection, self.name, tuple(self.files))
            grant_views(connection, [ROLE])

    def rows(self, query: str) -> Any:
        with closing(self.server.connect(self.name)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def columns(self) -> dict[str, list[str]]:
        """The columns of the views, by view."""
        found: dict[str, list[str]] = {}
        for view, column in self.rows(
            "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_NAME LIKE 'aurorest\\_raw\\_%' ORDER BY 1, ORDINAL_POSITION"
        ):
            found.setdefault(view, []).append(column)
        return found


@pytest.fixture
def project(server: Server) -> Iterator[Project]:
    with server.temporary_database() as name:
        try:
            found = Project(server, name)
            found.apply(TABLES)
            yield found
        finally:
            server.execute(f"DROP USER IF EXISTS '{ROLE}'@'%'")


@pytest.fixture
def client(project: Project) -> Iterator[Client]:
    environment = {"ROLES": ROLE, "DEFAULT_ROLE": ROLE}
    with closing(Client(project.server, project.name, environment)) as found:
        found.claims = {"sub": "7"}
        yield found


CONDITIONS = (
    OWN,
    "id IN (SELECT m.team_id FROM member AS m WHERE m.user_id = auth.uid())",
    "EXISTS (SELECT * FROM member m WHERE m.team_id = team.id AND m.user_id = auth.uid())",
    "(SELECT COUNT(*) FROM (SELECT team_id FROM member WHERE user_id = auth.uid()) AS mine WHERE mine.team_id = team.id) = 1",
    "EXISTS (SELECT 1 FROM member a JOIN member b ON a.team_id = b.team_id WHERE a.team_id = team.id AND b.user_id = auth.uid())",
)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_policy_depends_on_a_table_that_the_role_may_not_read(
    project: Project, client: Client, condition: str
) -> None:
    project.apply(f"CREATE POLICY own ON team USING ({condition});")
    assert client.values("/team?select=id&order=id") == [1, 3]
    assert client.send("PATCH", "/team?id=gt.0", {"name": "x"}).status == 204
    refused = client.send("POST", "/team", {"id": 4, "name": "four"})
    assert (refused.status, refused.json["code"]) == (403, "42501")
    assert client.send("PATCH", "/team?id=eq.1", {"id": 9}).status == 403
    assert client.send("DELETE", "/team?id=gt.1").status == 204
    assert project.rows("SELECT id, name FROM team ORDER BY id") == ((1, "x"), (2, "two"))
    client.claims = {"sub": "8"}
    assert client.values("/team?select=id") == [2]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_views_of_policies_pin_no_session_of_the_proxy(
    project: Project, authority: Authority, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    project.apply(f"CREATE POLICY own ON team USING ({condition}); INSERT INTO member VALUES (4, 7, 1);")
    with stand_in(project.server, authority.issue("localhost"), Limits(connections=1), roles=(ROLE,)) as proxied:
        settings = proxied.settings(project.name, monkeypatch, ROLES=ROLE, DEFAULT_ROLE=ROLE)
        with serving(settings) as service, closing(service.accounts):

            def send(method: str, query: str, body: object = None, prefer: str = "return=representation") -> object:
                """The status, and the ids of the rows that are shown. A statement of the request reads a view."""
                proxied.proxy.forget()
                text = b"" if body is None else json.dumps(body).encode()
                answer = service.rest(
                    method, "/team", query, {"prefer": prefer}, text, PREFIX, identify=lambda: {"sub": "7"}
                )
                assert any("aurorest_raw_member" in each for each in proxied.proxy.texts), proxied.proxy.texts
                assert answer.status < 300 or answer.status == 403, answer.body
                return answer.status, [row["id"] for row in json.loads(answer.body)] if answer.status < 300 else None

            merge = "return=representation,resolution=merge-duplicates"
            for _ in range(2):
                assert send("GET", "select=id&order=id", prefer="count=exact") == (200, [1, 3])
                assert send("POST", "", {"id": 4, "name": "four"}) == (201, [4])
                assert send("POST", "", {"id": 5, "name": "five"}) == (403, None)
                assert send("POST", "", [{"id": 4, "name": "4"}], merge) == (200, [4])
                assert send("PUT", "id=eq.4", {"id": 4, "name": "vier"}) == (200, [4])
                assert send("PATCH", "id=gt.0&order=id", {"name": "x"}) == (200, [1, 3, 4])
                assert send("PATCH", "id=eq.1", {"id": 9}) == (403, None)
                assert send("DELETE", "id=gt.3") == (200, [4])
            assert proxied.proxy.all_pinning == []
            assert proxied.proxy.pinned == {}
    assert project.rows("SELECT id, name FROM team ORDER BY id") == ((1, "x"), (2, "two"), (3, "x"))


def test_the_table_and_its_view_stay_out_of_reach(project: Project, client: Client) -> None:
    project.apply(f"CREATE POLICY own ON team USING ({OWN});")
    assert client.error("/member")[1] == "42501"
    assert client.error(f"/{view_of('member')}") == (404, "PGRST205")
    with closing(Client(project.server, project.name)) as all_tables:
        names = set(all_tables.service.accounts.of(None).catalogs.current().schemas[project.name].tables)
    assert names == {"team", "member"}


def test_a_view_has_only_the_columns_that_policies_name(project: Project, client: Client) -> None:
    project.apply(f"CREATE POLICY own ON team USING ({OWN});")
    assert project.columns() == {"aurorest_raw_member": ["team_id", "user_id"]}
    project.apply(
        "CREATE POLICY rich ON team AS RESTRICTIVE USING (id IN (SELECT m.team_id FROM member m WHERE salary > 950));"
    )
    assert project.columns() == {"aurorest_raw_member": ["salary", "team_id", "user_id"]}
    assert client.values("/team?select=id") == [1]
    project.apply(
        "DROP POLICY rich ON team; DROP POLICY own ON team; CREATE POLICY any_member ON team USING (EXISTS (SELECT 1 FROM member));"
    )
    assert project.columns() == {"aurorest_raw_member": ["one"]}
    assert client.service.accounts.of(ROLE).catalogs.reloaded() is not None
    assert client.values("/team?select=id&order=id") == [1, 2, 3]
    project.apply("DROP POLICY any_member ON team;")
    assert project.columns() == {}


def test_a_view_follows_its_table(project: Project, client: Client) -> None:
    project.apply(f"CREATE POLICY own ON team USING ({OWN});")
    assert client.values("/team?select=id&order=id") == [1, 3]
    project.apply(
        "ALTER TABLE member RENAME COLUMN user_id TO person; DROP POLICY own ON team;"
        f"CREATE POLICY own ON team USING ({OWN.replace('user_id', 'person')});"
    )
    assert project.columns() == {"aurorest_raw_member": ["person", "team_id"]}
    client.service.accounts.of(ROLE).catalogs.reloaded()
    assert client.values("/team?select=id&order=id") == [1, 3]


def test_a_table_named_with_its_database_is_read_with_the_roles_privileges(project: Project, client: Client) -> None:
    condition = OWN.replace("FROM member", f"FROM {project.name}.member")
    project.apply(f"CREATE POLICY own ON team USING ({condition});")
    assert client.error("/team")[1] == "42501"
    project.apply(f"GRANT SELECT (team_id, user_id) ON member TO {ROLE};")
    assert client.values("/team?select=id&order=id") == [1, 3]


def test_an_index_hint_keeps_the_table(project: Project) -> None:
    project.apply(
        f"CREATE POLICY own ON team USING ({OWN.replace('FROM member', 'FROM member FORCE INDEX (by_user)')});"
    )
    ((pieces,),) = project.rows("SELECT using_pieces FROM aurorest_policies WHERE policy_name = 'own'")
    assert "aurorest_raw_" not in pieces


def test_without_the_privilege_to_make_views_the_policies_are_stored(project: Project) -> None:
    server = project.server
    server.execute(
        "CREATE USER poor IDENTIFIED BY 'Little-1'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `{project.name}`.* TO poor",
    )
    try:
        project.files.append(parse("0002_m.sql", f"CREATE POLICY own ON team USING ({OWN});".encode()))
        with closing(server.connect(project.name, user="poor", password="Little-1")) as connection:
            migrate(connection, project.name, tuple(project.files))
        assert project.columns() == {}
        ((pieces,),) = project.rows("SELECT using_pieces FROM aurorest_policies WHERE policy_name = 'own'")
        assert "aurorest_raw_" not in pieces
    finally:
        server.execute("DROP USER poor")


def test_the_name_of_a_view_fits(project: Project) -> None:
    long = "m" * 64
    assert view_of("member") == "aurorest_raw_member"
    assert len(view_of(long)) <= 64
    assert view_of(long) != view_of("m" * 63)
    project.apply(
        f"CREATE TABLE {long} (id INT); CREATE POLICY own ON team USING (EXISTS (SELECT 1 FROM {long} WHERE {long}.id = team.id));"
    )
    assert list(project.columns()) == [view_of(long)]
