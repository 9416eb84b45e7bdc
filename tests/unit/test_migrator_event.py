"""The invocation's input, and the SQL of users."""

from typing import Any

import pytest

from api.settings import address_from_url
from migrator.__main__ import local_roles
from migrator.errors import MigratorError
from migrator.event import Job, is_deletion, parse
from migrator.users import Role, User, account_statements, grant_statements

IAM: dict[str, Any] = {
    "database": "shop",
    "authentication": "iam",
    "users": [{"name": "shop_api", "access": "read-write"}],
}
SECRET: dict[str, Any] = {
    "database": "shop",
    "schemas": ["reporting", "shop"],
    "authentication": "secret",
    "users": [
        {"name": "shop_api", "access": "read-write", "password": "s3cret"},
        {"name": "shop_read", "access": "read-only", "password": "0ther"},
    ],
    "roles": [{"name": "anon", "password": "an0n"}, {"name": "authenticated", "password": "4uth"}],
    "retired_users": ["shop_api_1"],
    "migrate": False,
    "revision": "abc",
}


def test_an_event_becomes_a_job() -> None:
    assert parse(IAM) == Job(("shop",), "iam", (User("shop_api", "read-write"),), (), (), True)
    assert parse(SECRET) == Job(
        ("shop", "reporting"),
        "secret",
        (User("shop_api", "read-write", "s3cret"), User("shop_read", "read-only", "0ther")),
        (Role("anon", "an0n"), Role("authenticated", "4uth")),
        ("shop_api_1",),
        False,
    )


def test_destroying_the_stack_is_recognised() -> None:
    assert is_deletion(IAM | {"tf": {"action": "delete", "prev_input": None}})
    assert not is_deletion(IAM | {"tf": {"action": "create"}})
    assert parse(IAM | {"tf": {"action": "update"}}).databases == ("shop",)


@pytest.mark.parametrize(
    "event, place",
    [
        ("shop", "the event"),
        (IAM | {"databse": "x"}, "databse"),
        (IAM | {"database": ""}, "database"),
        (IAM | {"database": "x" * 65}, "database"),
        (IAM | {"database": "mysql"}, "database"),
        (IAM | {"schemas": "reporting"}, "schemas"),
        (IAM | {"schemas": ["sys"]}, "schemas"),
        (IAM | {"authentication": "password"}, "authentication"),
        (IAM | {"users": []}, "users"),
        (IAM | {"users": [{"name": "a", "access": "admin"}]}, "users[0].access"),
        (IAM | {"users": [{"name": "a", "access": "read-only", "password": "x"}]}, "users[0].password"),
        (IAM | {"users": [{"name": "a", "access": "read-only", "host": "x"}]}, "users[0]: host"),
        (IAM | {"users": [{"access": "read-only"}]}, "users[0].name"),
        (SECRET | {"users": [{"name": "a", "access": "read-only"}]}, "users[0].password"),
        (SECRET | {"users": [{"name": "a", "access": "read-only", "password": ""}]}, "users[0].password"),
        (IAM | {"retired_users": ["shop_api"]}, "retired_users"),
        (IAM | {"roles": ["anon"]}, "roles[0]"),
        (IAM | {"roles": [{"name": "anon", "access": "read-only"}]}, "roles[0]: access"),
        (IAM | {"roles": [{"name": "anon", "password": "x"}]}, "roles[0].password"),
        (IAM | {"roles": [{"name": "shop_api"}]}, "roles"),
        (IAM | {"roles": [{"name": "anon"}, {"name": "anon"}]}, "roles"),
        (SECRET | {"roles": [{"name": "anon"}]}, "roles[0].password"),
        (IAM | {"migrate": "yes"}, "migrate"),
    ],
)
def test_the_error_for_an_invalid_event_names_the_key(event: object, place: str) -> None:
    with pytest.raises(MigratorError) as raised:
        parse(event)
    assert raised.value.code == "event"
    assert place in raised.value.message
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "1a", "a'b", "a b", "a`b", "root", "rdsproxyadmin", "x" * 33, "a\\"])
def test_an_invalid_user_name_is_refused(name: str) -> None:
    with pytest.raises(MigratorError, match="user_name"):
        User(name, "read-only")


def test_a_password_is_not_in_any_representation() -> None:
    assert "s3cret" not in repr(parse(SECRET))


def test_a_user_with_end_to_end_iam_has_no_password() -> None:
    assert account_statements(User("api", "read-write"), "iam") == (
        "CREATE USER IF NOT EXISTS 'api'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
        "ALTER USER 'api'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
    )


def test_a_role_is_an_account_to_which_nothing_is_granted() -> None:
    assert account_statements(Role("anon"), "iam") == (
        "CREATE USER IF NOT EXISTS 'anon'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
        "ALTER USER 'anon'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
    )
    assert account_statements(Role("anon", "", require_tls=False), "secret") == (
        "CREATE USER IF NOT EXISTS 'anon'@'%' IDENTIFIED BY '' REQUIRE NONE",
        "ALTER USER 'anon'@'%' IDENTIFIED BY '' REQUIRE NONE",
    )
    with pytest.raises(MigratorError, match="user_name"):
        Role("rdsadmin")


def test_roles_need_a_password_on_a_server_in_a_network() -> None:
    address = address_from_url("mysql://me@localhost/shop")
    assert local_roles(address, ()) == ()
    with pytest.raises(MigratorError, match="give me a password"):
        local_roles(address, ("anon",))
    assert local_roles(address_from_url("mysql://me:pw@localhost/shop"), ("anon",)) == (
        Role("anon", "pw", require_tls=False),
    )
    assert local_roles(address_from_url("mysql://me@localhost/shop?unix_socket=/s"), ("anon",)) == (
        Role("anon", "", require_tls=False),
    )


def test_a_password_is_written_as_a_string_literal() -> None:
    assert account_statements(User("api", "read-write", "a'b\\c"), "secret") == (
        r"CREATE USER IF NOT EXISTS 'api'@'%' IDENTIFIED BY 'a''b\\c' REQUIRE SSL",
        r"ALTER USER 'api'@'%' IDENTIFIED BY 'a''b\\c' REQUIRE SSL",
    )


def test_a_new_user_gets_privileges_on_exactly_its_databases() -> None:
    held = (("*", "USAGE"),)
    assert grant_statements(User("api", "read-write"), ("my_shop", "x`y"), held, wildcards=True) == (
        r"GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW ON `my\_shop`.* TO 'api'@'%'",
        "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW ON `x``y`.* TO 'api'@'%'",
    )


def test_a_name_is_not_escaped_if_the_server_reads_it_literally() -> None:
    assert grant_statements(User("read", "read-only"), ("my_shop",), (), wildcards=False) == (
        "GRANT SELECT, SHOW VIEW ON `my_shop`.* TO 'read'@'%'",
    )


def test_privileges_beyond_a_users_access_are_revoked() -> None:
    held = (
        ("*", "PROCESS"),
        ("shop", "SELECT"),
        ("shop", "INSERT"),
        ("shop", "GRANT OPTION"),
        ("old\\_shop", "SELECT"),
    )
    assert grant_statements(User("read", "read-only"), ("shop",), held, wildcards=True) == (
        "GRANT SELECT, SHOW VIEW ON `shop`.* TO 'read'@'%'",
        "REVOKE PROCESS ON *.* FROM 'read'@'%'",
        r"REVOKE SELECT ON `old\_shop`.* FROM 'read'@'%'",
        "REVOKE GRANT OPTION, INSERT ON `shop`.* FROM 'read'@'%'",
    )
