"""Row policies: each caller sees and changes the rows that the policies of a table allow, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from local.server import Server
from migrator.files import parse
from migrator.run import migrate
from tests.accounts import role_accounts
from tests.integration.client import Client

SCHEMA = """
CREATE TABLE team (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL);
CREATE TABLE member (team_id INT NOT NULL, user_id INT NOT NULL, PRIMARY KEY (team_id, user_id),
  CONSTRAINT member_team FOREIGN KEY (team_id) REFERENCES team (id));
CREATE TABLE project (id INT NOT NULL PRIMARY KEY, team_id INT NOT NULL, name VARCHAR(20) NOT NULL,
  CONSTRAINT project_team FOREIGN KEY (team_id) REFERENCES team (id));
CREATE TABLE note (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, owner_id INT NOT NULL, project_id INT NULL,
  title VARCHAR(40) NOT NULL, is_public TINYINT(1) NOT NULL DEFAULT 0, stars INT NOT NULL DEFAULT 0,
  code VARCHAR(10) NULL UNIQUE,
  CONSTRAINT note_project FOREIGN KEY (project_id) REFERENCES project (id));
CREATE TABLE tag (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL);
CREATE TABLE note_tag (note_id INT NOT NULL, tag_id INT NOT NULL, PRIMARY KEY (note_id, tag_id),
  CONSTRAINT tagged FOREIGN KEY (note_id) REFERENCES note (id) ON DELETE CASCADE,
  CONSTRAINT tagging FOREIGN KEY (tag_id) REFERENCES tag (id));
CREATE TABLE closed (id INT NOT NULL PRIMARY KEY);
INSERT INTO team VALUES (1, 'red'), (2, 'blue');
INSERT INTO member VALUES (1, 10), (1, 11), (2, 11);
INSERT INTO project VALUES (1, 1, 'rockets'), (2, 2, 'boats');
INSERT INTO note (id, owner_id, project_id, title, is_public, stars, code) VALUES
  (1, 10, 1, 'mine', 0, 1, 'a'), (2, 11, 1, 'theirs', 0, 2, 'b'), (3, 11, 2, 'open', 1, 3, 'c'),
  (4, 42, NULL, 'of 42', 0, 4, 'd'), (5, 0, NULL, 'of zero', 0, 5, 'e');
INSERT INTO tag VALUES (1, 'urgent'), (2, 'secret');
INSERT INTO note_tag VALUES (1, 1), (2, 1), (3, 1), (2, 2), (3, 2);
INSERT INTO closed VALUES (1);
"""
POLICIES = """
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON note USING (owner_id = auth.uid());
CREATE POLICY public_ones ON note FOR SELECT USING (is_public = 1);
CREATE POLICY few_stars ON note AS RESTRICTIVE FOR INSERT WITH CHECK (stars < 100);
CREATE POLICY fewer_stars ON note AS RESTRICTIVE FOR UPDATE USING (TRUE) WITH CHECK (stars < 50);
ALTER TABLE project ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON project USING (
  EXISTS (SELECT 1 FROM member m WHERE m.team_id = project.team_id AND m.user_id = auth.uid()));
ALTER TABLE note_tag ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_secret ON note_tag USING (tag_id <> 2);
ALTER TABLE closed ENABLE ROW LEVEL SECURITY;
"""


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[str]:
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        migrate(
            connection, name, (parse("0001_schema.sql", SCHEMA.encode()), parse("0002_policies.sql", POLICIES.encode()))
        )
        yield name


@pytest.fixture
def client(server: Server, database: str) -> Iterator[Client]:
    with closing(Client(server, database)) as client:
        yield client


def as_user(client: Client, sub: object, **claims: object) -> Client:
    client.claims = {"sub": sub, **claims}
    return client


def test_rows_are_those_that_a_permissive_policy_shows(client: Client) -> None:
    assert as_user(client, "10").values("/note?select=id&order=id") == [1, 3]
    assert as_user(client, 11).values("/note?select=id&order=id") == [2, 3]
    client.claims = None
    assert client.values("/note?select=id&order=id") == [3]
    assert client.values("/closed") == []


@pytest.mark.parametrize(
    "sub",
    ["1 OR 1=1", "42abc", "", " 42", "4e1", "42.0e0", "0x2a", True, [], {}, [42], 2**64, 10**400, "42\n", "\ud800", "\\' OR 1=1 -- ", "'", "42' OR '1'='1", None, "-0", "042", "+42", "４２"],
)  # fmt: skip
def test_a_claim_is_never_more_than_the_value_it_is(client: Client, sub: object) -> None:
    assert as_user(client, sub).values("/note?select=id&order=id") == [3]


def test_embeds_counts_and_aggregates_follow_the_same_policies(client: Client) -> None:
    user = as_user(client, "10")
    assert user.rows("/team?select=id,project(id)&order=id") == [
        {"id": 1, "project": [{"id": 1}]},
        {"id": 2, "project": []},
    ]
    assert user.rows("/note?select=id,project(name)&order=id") == [
        {"id": 1, "project": {"name": "rockets"}},
        {"id": 3, "project": None},
    ]
    assert user.values("/note?select=id,project!inner(name)") == [1]
    assert user.values("/note?select=id,project()&project=is.null") == [3]
    assert user.rows("/note?select=count()") == [{"count": 2}]
    assert user.rows("/tag?select=id,note(id)&order=id&note.order=id") == [
        {"id": 1, "note": [{"id": 1}, {"id": 3}]},
        {"id": 2, "note": []},
    ]
    assert user.values("/tag?select=id,note!inner(id)&order=id") == [1]
    for how in ("exact", "planned", "estimated"):
        counted = user.get("/note?limit=1&offset=1", Prefer=f"count={how}")
        if how == "exact":
            assert counted.headers["Content-Range"] == "1-1/2"
    assert user.get("/note/2").status == 404
    assert user.get("/note/1").status == 200


def refused(client: Client, method: str, address: str, body: object, prefer: str | None = None) -> None:
    """The write is refused by a policy, and changes nothing."""
    before = everything(client)
    response = client.send(method, address, body, prefer)
    assert (response.status, response.json["code"]) == (403, "42501"), response.body
    assert response.json["message"].startswith("new row violates row-level security policy"), response.body
    assert everything(client) == before


def everything(client: Client) -> Any:
    with client.server.connect(client.database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, owner_id, title, is_public, stars, code FROM note ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def own(server: Server) -> Iterator[Client]:
    """A client of a database that the test may change."""
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        files = (parse("0001_schema.sql", SCHEMA.encode()), parse("0002_policies.sql", POLICIES.encode()))
        migrate(connection, name, files)
        with closing(Client(server, name)) as client:
            yield as_user(client, "10")


def test_an_insert_is_held_to_its_check(own: Client) -> None:
    mine, theirs = {"owner_id": 10, "title": "new"}, {"owner_id": 11, "title": "new"}
    for prefer in (None, "return=representation", "return=headers-only"):
        assert own.send("POST", "/note", mine, prefer).status == 201
        refused(own, "POST", "/note", theirs, prefer)
        refused(own, "POST", "/note", [mine, theirs], prefer)
        refused(own, "POST", "/note", {**mine, "stars": 100}, prefer)
    assert own.send("POST", "/note", [mine] * 3, "return=representation").status == 201
    refused(own, "POST", "/note", [mine] * 500 + [theirs])
    response = own.send("POST", "/closed", {"id": 7})
    assert (response.status, response.json["code"]) == (403, "42501")


def test_an_update_does_not_see_invisible_rows_and_is_held_to_its_check(own: Client) -> None:
    for prefer in (None, "return=representation", "count=exact", "return=representation, max-affected=9"):
        response = own.send("PATCH", "/note?id=gt.0", {"title": "changed"}, prefer)
        assert response.headers["Content-Range"].startswith("0-0/")
        refused(own, "PATCH", "/note?id=gt.0", {"owner_id": 11}, prefer)
        refused(own, "PATCH", "/note?id=eq.1", {"stars": 50}, prefer)
        assert own.send("PATCH", "/note?id=eq.1", {"stars": 49}, prefer).status in (200, 204)
        # visible, but no policy allows to change it
        assert own.send("PATCH", "/note?id=eq.3", {"title": "changed"}, prefer).headers["Content-Range"][:2] == "*/"
    assert own.send("PATCH", "/note/2", {"title": "changed"}).status == 404
    assert [row[2] for row in everything(own)] == ["changed", "theirs", "open", "of 42", "of zero"]


def test_a_delete_does_not_see_invisible_rows(own: Client) -> None:
    assert own.send("DELETE", "/note?id=in.(2,3,4)").headers["Content-Range"] == "*/*"
    assert own.send("DELETE", "/note/2").status == 404
    assert own.send("DELETE", "/note?id=gt.0", prefer="count=exact").headers["Content-Range"] == "*/1"
    assert [row[0] for row in everything(own)] == [2, 3, 4, 5]


MERGE, IGNORE = "resolution=merge-duplicates", "resolution=ignore-duplicates"


def test_an_upsert_is_held_to_the_policies_of_insert_and_update(own: Client) -> None:
    mine = {"id": 1, "owner_id": 10, "title": "merged"}
    for more in ("", ",return=representation"):
        assert own.send("POST", "/note", mine, MERGE + more).status in (200, 201)
        assert own.send("POST", "/note", [mine, {**mine, "id": 7}], MERGE + more).status in (200, 201)
        assert own.send("DELETE", "/note?id=eq.7").status == 204
        refused(own, "POST", "/note", {**mine, "id": 2}, MERGE + more)  # hidden
        refused(own, "POST", "/note", {**mine, "id": 3}, MERGE + more)  # visible, but not to UPDATE
        refused(own, "POST", "/note", [mine, {**mine, "id": 2}, {**mine, "id": 8}], MERGE + more)
        refused(own, "POST", "/note", {**mine, "owner_id": 11}, MERGE + more)
        refused(own, "POST", "/note", {**mine, "stars": 60}, MERGE + more)  # UPDATE's check
        refused(own, "POST", "/note", {**mine, "stars": 100}, MERGE + more)  # INSERT's check
        refused(own, "POST", "/note", {**mine, "id": 9, "stars": 100}, MERGE + more)
        before = everything(own)
        assert own.send("POST", "/note", {**mine, "id": 2}, IGNORE + more).status == 201  # skipped
        assert own.send("POST", "/note", {**mine, "stars": 60}, IGNORE + more).status == 201
        refused(own, "POST", "/note", {**mine, "stars": 100}, IGNORE + more)
        refused(own, "POST", "/note", {**mine, "id": 2, "owner_id": 11}, IGNORE + more)
        assert everything(own) == before
    assert own.send("PUT", "/note?id=eq.1", mine).status in (200, 204)
    refused(own, "PUT", "/note?id=eq.2", {**mine, "id": 2})
    refused(own, "PUT", "/note/3", {**mine, "id": 3})
    refused(own, "POST", "/note?on_conflict=code", {"owner_id": 10, "title": "x", "code": "b"}, MERGE)
    assert own.send("POST", "/note?on_conflict=code", {"owner_id": 10, "title": "x", "code": "a"}, MERGE).status == 200


def test_policies_with_subqueries_bind_writes(own: Client) -> None:
    assert own.send("PATCH", "/project?id=gt.0", {"name": "x"}, "count=exact").headers["Content-Range"] == "0-0/1"
    moved = own.send("PATCH", "/project?id=eq.1", {"team_id": 2})
    assert (moved.status, moved.json["code"]) == (403, "42501")
    assert own.send("POST", "/project", {"id": 3, "team_id": 1, "name": "y"}).status == 201
    assert own.send("POST", "/project", {"id": 4, "team_id": 2, "name": "y"}).status == 403
    assert own.send("POST", "/project", {"id": 2, "team_id": 1, "name": "y"}, MERGE).status == 403
    assert own.send("DELETE", "/project?id=in.(2,3)", prefer="count=exact").headers["Content-Range"] == "*/1"


@pytest.mark.parametrize(
    "method, address, body, prefer, more",
    [
        ("GET", "/note?select=id", None, None, 0),
        ("GET", "/note?id=eq.1", None, "count=exact", 0),
        ("GET", "/note/1", None, None, 0),
        ("GET", "/note?select=id,project!inner(name,team(name)),tag(name)&project.name=eq.rockets", None, None, 0),
        ("POST", "/note", {"owner_id": 10, "title": "x"}, None, 1),
        ("POST", "/note", [{"owner_id": 10, "title": "x"}] * 100, "return=representation", 1),
        ("PATCH", "/note?id=eq.1", {"title": "y"}, None, 1),
        ("PATCH", "/note/1", {"stars": 3}, None, 1),
        ("PATCH", "/note?title=eq.mine", {"stars": 3}, "return=representation", 1),
        ("PATCH", "/note?title=eq.mine", {"stars": 3}, None, 1),
        ("DELETE", "/note?title=eq.mine", None, None, 0),
        ("DELETE", "/note/1", None, "return=representation", 0),
    ],
)
def test_a_policy_costs_no_statement_on_a_read_and_at_most_one_on_a_write(
    server: Server, own: Client, method: str, address: str, body: object, prefer: str | None, more: int
) -> None:
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        migrate(connection, name, (parse("0001_schema.sql", SCHEMA.encode()),))
        with closing(Client(server, name)) as unprotected:
            for client in (unprotected, own):
                assert client.get("/note?limit=0").status == 200  # reads the catalog
            plain = unprotected.send(method, address, body, prefer)
            protected = own.send(method, address, body, prefer)
    assert plain.status == protected.status < 300
    without, with_policy = (
        [text for text in response.statements if text not in ("BEGIN", "COMMIT")] for response in (plain, protected)
    )
    assert len(with_policy) == len(without) + more, (without, with_policy)


def test_a_check_by_the_filter_sees_what_a_trigger_changed(server: Server, own: Client) -> None:
    """The rows are then found by their keys, as where the filter names a column that is changed."""
    for change, status in (("NEW.owner_id = 11", 403), ("NEW.title = 'other'", 204)):
        server.execute(f"CREATE TRIGGER meddle BEFORE UPDATE ON note FOR EACH ROW SET {change}", database=own.database)
        response = own.send("PATCH", "/note?title=eq.mine", {"stars": 3})
        assert response.status == status, response.body
        server.execute("DROP TRIGGER meddle", database=own.database)
    assert own.values("/note?select=stars&title=eq.other") == [3]
    assert own.send("PATCH", "/note?title=eq.other", {"title": "mine"}).status == 204


def test_a_change_is_checked_even_if_the_policies_do_not_depend_on_it(own: Client) -> None:
    own.server.execute(
        "DELETE FROM aurorest_policies WHERE policy_name IN ('public_ones', 'fewer_stars')", database=own.database
    )
    own.server.execute(
        "INSERT INTO aurorest_policies SELECT table_name, 'seen', permissive, 'SELECT', roles, using_source, using_pieces,"
        " NULL, NULL FROM aurorest_policies WHERE policy_name = 'own'",
        database=own.database,
    )
    response = own.send("PATCH", "/note?stars=gte.0", {"title": "z"})
    assert response.headers["Content-Range"] == "0-0/*"
    # a trigger may change what they depend on, and the account may not see triggers
    assert any("SELECT COUNT(*)" in text for text in response.statements)
    refused(own, "PATCH", "/note?stars=gte.0", {"owner_id": 11})


def test_plans_are_refused_and_estimates_are_exact(client: Client) -> None:
    for method in ("GET", "DELETE"):
        plan = as_user(client, "10").send(method, "/note?id=gt.0", Accept="application/vnd.pgrst.plan+json")
        assert plan.status == 406
    assert client.get("/tag", Accept="application/vnd.pgrst.plan+json").status == 200
    for how in ("exact", "planned", "estimated"):
        assert client.get("/note?limit=1&offset=1", Prefer=f"count={how}").headers["Content-Range"] == "1-1/2"


def test_roles_that_bypass_see_everything_and_the_policies(server: Server, database: str) -> None:
    role, other = f"all_{database[-8:]}", f"some_{database[-8:]}"
    with role_accounts(server, role, other):
        server.execute(f"GRANT SELECT ON `{database}`.* TO {role}, {other}")
        environment = {"ROLES": f"{role},{other}", "BYPASS_ROW_SECURITY": role}
        with closing(Client(server, database, environment)) as client:
            client.claims = {"sub": "10", "role": other}
            assert client.values("/note?select=id&order=id") == [1, 3]
            assert client.values("/closed") == []
            client.claims = {"sub": "10", "role": role}
            assert client.values("/note?select=id&order=id") == [1, 2, 3, 4, 5]
            described = json.loads(client.service.table("note", None, lambda: client.claims).body)
            assert described["row_security"] is True
            assert described["policies"][0] == {
                "name": "few_stars", "permissive": False, "command": "INSERT", "roles": ["PUBLIC"],
                "using": None, "check": "stars < 100",
            }  # fmt: skip
            client.claims = {"sub": "10", "role": other}
            described = json.loads(client.service.table("note", None, lambda: client.claims).body)
            assert (described["policies"], described["rows_estimate"]) == (None, None)
            assert client.values("/note?select=id&order=id") == [1, 3]
