"""Migrations and users on real servers."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pymysql
import pytest

from api.catalog.own_tables import MIGRATIONS as TABLE
from local.server import Server
from migrator import handler as lambda_handler
from migrator import users
from migrator.__main__ import main
from migrator.connecting import Deadline, limit_statements
from migrator.errors import MigratorError
from migrator.event import Job, parse
from migrator.files import Migration, load
from migrator.files import parse as parse_file
from migrator.handler import handler, perform
from migrator.ledger import locked
from migrator.run import migrate
from migrator.users import User, drop, make_users
from tests.certificates import Authority
from tests.integration.introspecting import catalog_of
from tests.standin.session import stand_in

Rows = list[tuple[Any, ...]]
FILES = {
    "0001_orders.sql": """
        SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO');
        CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40) DEFAULT 'a;b 50%');
        INSERT INTO orders (id) VALUES (0), (7);
        CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW
        BEGIN
          IF NEW.note IS NULL THEN SET NEW.note = 'none'; END IF;
        END;
    """,
    "0002_totals.sql": """
        DELIMITER //
        CREATE PROCEDURE totals() BEGIN SELECT COUNT(*) FROM orders; SELECT 2; END//
        DELIMITER ;
        CALL totals();
        INSERT INTO orders (note) VALUES (NULL);
    """,
}


def query(server: Server, database: str, statement: str) -> Rows:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def files(**contents: str) -> tuple[Migration, ...]:
    return tuple(parse_file(f"{name[1:]}.sql", text.encode()) for name, text in contents.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def apply(server: Server, database: str) -> Callable[..., tuple[str, ...]]:
    def run(*migrations: Migration) -> tuple[str, ...]:
        with closing(server.connect(database)) as connection:
            return migrate(connection, database, migrations)

    return run


def test_files_are_applied_in_order_and_once(server: Server, database: str, folder: Path) -> None:
    lines: list[str] = []
    with closing(server.connect(database)) as connection:
        assert migrate(connection, database, load(folder), report=lines.append) == tuple(FILES)
        assert migrate(connection, database, load(folder), report=lines.append) == ()
    assert query(server, database, "SELECT id, note FROM orders") == [(0, "a;b 50%"), (7, "a;b 50%"), (8, "none")]
    assert lines == [
        f"{database}: [1/2] 0001_orders.sql (4 statements)",
        f"{database}: [2/2] 0002_totals.sql (3 statements)",
        f"{database}: nothing to apply (2 migrations)",
    ]


def test_a_failure_names_the_file_the_statement_and_the_error(apply: Callable[..., tuple[str, ...]]) -> None:
    (broken,) = files(_0001_a="CREATE TABLE a (id INT);\n\nINSERT INTO nowhere\nVALUES (1); SELECT 3")
    with pytest.raises(MigratorError) as raised:
        apply(broken)
    assert raised.value.code == "migration_failed"
    assert raised.value.message == "0001_a.sql, statement 2 of 3 (line 3: INSERT INTO nowhere)"
    assert "1146" in str(raised.value.details)
    assert "nowhere" in str(raised.value.details)


def test_a_run_after_a_failure_continues_at_the_corrected_statement(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    start = "SET SESSION auto_increment_increment = 10; CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, x INT);"
    (broken,) = files(_0001_a=f"{start} INSERT INTO a (x) VALUES (1), (2); INSERT INTO b VALUES (1)")
    with pytest.raises(MigratorError):
        apply(broken)
    (corrected,) = files(_0001_a=f"{start} INSERT INTO a (x) VALUES (1), (2); INSERT INTO a (x) VALUES (3), (4)")
    assert apply(corrected) == ("0001_a.sql",)
    assert query(server, database, "SELECT id, x FROM a ORDER BY id") == [(1, 1), (11, 2), (21, 3), (31, 4)]
    with pytest.raises(MigratorError, match="migration_changed"):
        apply(broken)


def test_row_changes_of_a_failing_statement_are_rolled_back(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    (broken,) = files(_0001_a="CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1), (2), (1)")
    with pytest.raises(MigratorError, match="1062"):
        apply(broken)
    assert query(server, database, "SELECT COUNT(*) FROM a") == [(0,)]


def test_a_ddl_statement_in_doubt_counts_as_applied_if_its_object_exists(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    (one,) = files(_0001_a="CREATE TABLE a (id INT); CREATE TABLE b (id INT); INSERT INTO b VALUES (1)")
    apply(one)
    # The state after a run that died after statement 2 and before it could record it.
    chain = one.chain(1)
    server.execute(
        f"UPDATE `{TABLE}` SET finished_at = NULL, applied = 1, applied_checksum = '{chain}', running = 2",
        "DELETE FROM b",
        database=database,
    )
    assert apply(one) == ("0001_a.sql",)
    assert query(server, database, "SELECT COUNT(*) FROM b") == [(1,)]


def test_a_ddl_statement_not_in_doubt_fails_if_its_object_exists(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    server.execute("CREATE TABLE a (id INT)", database=database)
    with pytest.raises(MigratorError, match="1050"):
        apply(*files(_0001_a="CREATE TABLE a (id INT)"))


def test_a_lost_connection_leaves_the_statement_in_doubt_and_the_next_run_continues(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    (one,) = files(_0001_a="CREATE TABLE a (id INT); INSERT INTO a SELECT SLEEP(30); INSERT INTO a VALUES (2)")

    def kill() -> None:
        sleeping = "SELECT id FROM information_schema.PROCESSLIST WHERE info LIKE 'INSERT INTO a SELECT SLEEP%'"
        assert eventually(lambda: bool(query(server, database, sleeping)))
        for (thread,) in query(server, database, sleeping):
            server.execute(f"KILL {thread}")

    killer = threading.Thread(target=kill)
    killer.start()
    with closing(server.connect(database)) as connection:
        with pytest.raises(MigratorError, match="statement 2 of 3"):
            migrate(connection, database, (one,))
        assert query(server, database, f"SELECT applied, running FROM `{TABLE}`") == [(1, 2)]
    killer.join()
    (corrected,) = files(_0001_a="CREATE TABLE a (id INT); INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)")
    assert apply(corrected) == ("0001_a.sql",)
    assert query(server, database, "SELECT id FROM a ORDER BY id") == [(1,), (2,)]


def test_a_changed_file_stops_the_run_before_anything_is_applied(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    apply(*files(_0001_a="CREATE TABLE a (id INT)"))
    with pytest.raises(MigratorError, match="migration_changed"):
        apply(*files(_0001_a="CREATE TABLE a (id BIGINT)", _0002_b="CREATE TABLE b (id INT)"))
    assert query(server, database, "SHOW TABLES LIKE 'b'") == []


def test_only_one_run_at_a_time_is_allowed(server: Server, database: str) -> None:
    with closing(server.connect(database)) as first, closing(server.connect(database)) as second:
        with locked(first, database, 0), pytest.raises(MigratorError, match="another run is migrating"):
            migrate(second, database, (), lock_wait_seconds=0)
        assert migrate(second, database, (), lock_wait_seconds=0) == ()


def test_a_dead_run_does_not_keep_its_lock(server: Server, database: str) -> None:
    dead = server.connect(database)
    lock = locked(dead, database, 0)
    lock.__enter__()
    dead.close()
    with closing(server.connect(database)) as connection:
        assert migrate(connection, database, (), lock_wait_seconds=10) == ()


def test_two_runs_at_once_apply_a_file_once(server: Server, database: str, folder: Path) -> None:
    applied: list[tuple[str, ...]] = []

    def run() -> None:
        with closing(server.connect(database)) as connection:
            applied.append(migrate(connection, database, load(folder)))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [(), (), tuple(FILES)]


def test_two_series_in_one_database_are_independent(server: Server, database: str) -> None:
    (one,) = files(_0001_a="CREATE TABLE a (id INT)")
    (other,) = files(_0001_b="CREATE TABLE b (id INT)")
    with closing(server.connect(database)) as connection:
        assert migrate(connection, database, (one,), series="application") == ("0001_a.sql",)
        assert migrate(connection, database, (other,), series="world") == ("0001_b.sql",)


def test_the_ledger_table_is_not_in_the_api(
    server: Server, database: str, apply: Callable[..., tuple[str, ...]]
) -> None:
    apply(*files(_0001_a="CREATE TABLE a (id INT)"))
    assert list(catalog_of(server, database).schemas[database].tables) == ["a"]


# -- the command line ----------------------------------------------------------------------------------------------


def test_the_command_line_applies_and_lists(
    server: Server, database: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--database-url", server.url(database), "--directory", str(folder)]
    assert main([*arguments, "--status"]) == 0
    assert capsys.readouterr().out == "pending  0001_orders.sql\npending  0002_totals.sql\n"
    (folder / "0002_totals.sql").write_text("SELECT 1; SELECT * FROM nowhere")
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert "[1/2] 0001_orders.sql" in said.out
    assert "migration_failed: 0002_totals.sql, statement 2 of 2 (line 1: SELECT * FROM nowhere)\n1146: " in said.err
    assert main([*arguments, "--status"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0] == "applied  0001_orders.sql"
    assert listed[1].startswith("partial  0002_totals.sql (1 of 2 statements): statement 2: 1146")


@pytest.mark.parametrize("url", ["postgres://a@b/c", "mysql://root@localhost/x?unix_socket=/nowhere.sock"])
def test_the_command_line_says_why_it_cannot_start(url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--database-url", url, "--directory", str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said


# -- users ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def names(server: Server, database: str) -> Iterator[tuple[str, str]]:
    """Two user names for one test, dropped afterwards."""
    pair = (f"{database}_api", f"{database}_read")
    yield pair
    server.execute(*(f"DROP USER IF EXISTS '{name}'@'%'" for name in pair))


def sign_in(server: Server, authority: Authority, user: str, password: str, database: str) -> Any:
    return pymysql.connect(
        host="localhost",
        unix_socket=None,
        port=server.port or 0,
        user=user,
        password=password,
        database=database,
        ssl_ca=str(authority.path),
        ssl_verify_cert=True,
        autocommit=True,
    )


def attempt(connection: Any, statement: str) -> Any:
    """The rows, or MySQL's error number."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())
    except pymysql.MySQLError as error:
        return error.args[0]


def test_a_user_has_exactly_its_privileges(
    server: Server, authority: Authority, database: str, names: tuple[str, str], folder: Path
) -> None:
    api, read = names
    both = (User(api, "read-write", "p'w\\1"), User(read, "read-only", "pw2"))
    with closing(server.connect(database)) as admin:
        migrate(admin, database, load(folder))
        make_users(admin, both, (database,), "secret")
    with closing(sign_in(server, authority, api, "p'w\\1", database)) as own:
        assert attempt(own, "INSERT INTO orders (id) VALUES (50)") == ()
        assert attempt(own, "UPDATE orders SET note = 'x' WHERE id = 50") == ()
        assert attempt(own, "CALL totals()") == ((4,),)
        own.cursor().nextset()
    with closing(sign_in(server, authority, api, "p'w\\1", database)) as own:
        assert attempt(own, "DELETE FROM orders WHERE id = 50") == ()
        assert attempt(own, "CREATE TABLE x (id INT)") == 1142
        assert attempt(own, "DROP TABLE orders") == 1142
        assert attempt(own, "SELECT 1 FROM mysql.user") == 1142
        assert attempt(own, f"GRANT SELECT ON `{database}`.* TO '{read}'@'%'") in {1044, 1142}
        assert attempt(own, f"CREATE DATABASE `{database}_b`") == 1044
    with closing(sign_in(server, authority, read, "pw2", database)) as own:
        assert attempt(own, "SELECT COUNT(*) FROM orders") == ((3,),)
        assert attempt(own, "INSERT INTO orders (id) VALUES (51)") == 1142
        assert attempt(own, "CALL totals()") == 1370


def test_a_user_has_no_privileges_on_databases_with_similar_names(
    server: Server, authority: Authority, names: tuple[str, str]
) -> None:
    with server.temporary_database(f"{names[0]}_1") as own, server.temporary_database(f"{names[0]}x1") as similar:
        with closing(server.connect()) as admin:
            make_users(admin, (User(names[0], "read-write", "pw"),), (own,), "secret")
        with closing(sign_in(server, authority, names[0], "pw", own)) as connection:
            assert attempt(connection, f"USE `{similar}`") == 1044


def test_both_users_see_keys_and_views_in_information_schema(
    server: Server, authority: Authority, database: str, names: tuple[str, str]
) -> None:
    server.execute(
        "CREATE TABLE a (id INT PRIMARY KEY)",
        "CREATE TABLE b (id INT PRIMARY KEY, a_id INT, FOREIGN KEY (a_id) REFERENCES a (id), UNIQUE (a_id))",
        "CREATE VIEW v AS SELECT id FROM b",
        database=database,
    )
    both = (User(names[0], "read-write", "pw"), User(names[1], "read-only", "pw"))
    with closing(server.connect()) as admin:
        make_users(admin, both, (database,), "secret")
    for user in names:
        with closing(sign_in(server, authority, user, "pw", database)) as own:
            where = f"WHERE table_schema = '{database}'"
            assert attempt(own, f"SELECT COUNT(*) FROM information_schema.tables {where}") == ((3,),)
            assert attempt(
                own,
                "SELECT referenced_table_name FROM information_schema.key_column_usage "
                f"{where} AND referenced_table_name IS NOT NULL",
            ) == (("a",),)
            assert attempt(
                own,
                "SELECT referenced_table_name FROM information_schema.referential_constraints "
                f"WHERE constraint_schema = '{database}'",
            ) == (("a",),)
            assert attempt(own, f"SELECT COUNT(*) FROM information_schema.statistics {where}") == ((3,),)
            assert (
                "select" in attempt(own, f"SELECT view_definition FROM information_schema.views {where}")[0][0].lower()
            )


def test_passwords_and_privileges_can_be_changed(
    server: Server, authority: Authority, database: str, names: tuple[str, str]
) -> None:
    api = names[0]
    with closing(server.connect(database)) as admin:
        make_users(admin, (User(api, "read-write", "old"),), (database,), "secret")
        server.execute(
            f"GRANT PROCESS ON *.* TO '{api}'@'%' WITH GRANT OPTION",
            f"GRANT DROP ON `{database}`.* TO '{api}'@'%' WITH GRANT OPTION",
        )
        with closing(sign_in(server, authority, api, "old", database)) as before:
            make_users(admin, (User(api, "read-only", "new"),), (database,), "secret")
            assert attempt(before, "SELECT 1") == ((1,),)  # an open connection stays open
    with pytest.raises(pymysql.OperationalError, match="1045"):
        sign_in(server, authority, api, "old", database)
    with closing(sign_in(server, authority, api, "new", database)) as own:
        grants = " ".join(row[0] for row in attempt(own, "SHOW GRANTS"))
    assert "INSERT" not in grants
    assert "PROCESS" not in grants
    assert "DROP" not in grants
    assert "GRANT OPTION" not in grants
    assert "SELECT, SHOW VIEW" in grants


def test_a_user_cannot_sign_in_without_tls(server: Server, database: str, names: tuple[str, str]) -> None:
    with closing(server.connect(database)) as admin:
        make_users(admin, (User(names[0], "read-write", "pw"),), (database,), "secret")
    with pytest.raises(pymysql.OperationalError):
        pymysql.connect(host="127.0.0.1", port=server.port or 0, user=names[0], password="pw", ssl_disabled=True)


def test_a_retired_user_is_dropped_and_a_missing_one_is_not_an_error(
    server: Server, authority: Authority, database: str, names: tuple[str, str]
) -> None:
    with closing(server.connect(database)) as admin:
        make_users(admin, (User(names[0], "read-write", "pw"),), (database,), "secret")
        drop(admin, names)
    with pytest.raises(pymysql.OperationalError, match="1045"):
        sign_in(server, authority, names[0], "pw", database)


def test_a_failure_does_not_contain_the_password(server: Server, database: str, names: tuple[str, str]) -> None:
    with closing(server.connect(database)) as admin:
        # The server does not have this plugin: Aurora creates the user, but here it is an error.
        with pytest.raises(MigratorError) as raised:
            make_users(admin, (User(names[0], "read-write"),), (database,), "iam")
        assert raised.value.code == "user_failed"
        assert "AWSAuthenticationPlugin" in str(raised.value.details)
        user = User(names[0], "read-write", "s3cr'et")
        with pytest.raises(MigratorError, match="1064") as raised:
            users._run(admin, f"CREATE USER '{user.name}' BY IDENTIFIED 's3cr''et'", user)
    assert "s3cr" not in str(raised.value)
    assert raised.value.__suppress_context__


# -- the function --------------------------------------------------------------------------------------------------


def job(database: str, names: tuple[str, str], **changes: Any) -> dict[str, Any]:
    return {
        "database": database,
        "authentication": "secret",
        "users": [
            {"name": names[0], "access": "read-write", "password": "pw"},
            {"name": names[1], "access": "read-only", "password": "pw"},
        ],
        **changes,
    }


class Context:
    """Lambda's context, with this many seconds left."""

    def __init__(self, seconds: int = 100) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds * 1000


def test_the_function_creates_the_database_the_tables_and_the_users(
    server: Server,
    authority: Authority,
    database: str,
    names: tuple[str, str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = f"{database}_new"
    monkeypatch.setenv("AUROREST_DATABASE_URL", server.url(database))
    monkeypatch.setattr(lambda_handler, "MIGRATIONS", folder)
    try:
        answer = handler(job(new, names), Context())
        assert answer == {"database": new, "applied": list(FILES), "users": list(names), "roles": []}
        assert handler(job(new, names), Context())["applied"] == []
        with closing(sign_in(server, authority, names[0], "pw", new)) as own:
            assert attempt(own, "SELECT COUNT(*) FROM orders") == ((3,),)
    finally:
        server.execute(f"DROP DATABASE IF EXISTS `{new}`")


def test_a_role_has_what_the_migrations_grant_and_keeps_it(
    server: Server, authority: Authority, database: str, names: tuple[str, str], tmp_path: Path
) -> None:
    """The accounts are made before the migrations, which may grant to them; later runs leave the grants alone."""
    role = f"role_{database[-8:]}"
    roles = [{"name": role, "password": "pw"}]
    (tmp_path / "0001_orders.sql").write_text(
        f"CREATE TABLE orders (id INT PRIMARY KEY, total INT); GRANT SELECT (id) ON orders TO {role};"
    )
    try:
        for password in ("pw", "new"):
            roles[0]["password"] = password
            answer = perform(
                parse(job(database, names, roles=roles)), server.connect, tmp_path, Deadline(time.monotonic() + 60)
            )
            assert answer["roles"] == [role]
            with closing(sign_in(server, authority, role, password, database)) as own:
                assert attempt(own, "SELECT id FROM orders") == ()
                assert attempt(own, "SELECT total FROM orders") == 1143
                assert attempt(own, "INSERT INTO orders VALUES (1, 1)") == 1142
                assert attempt(own, "SELECT 1 FROM aurorest_migrations") == 1142
                assert attempt(own, "CREATE TABLE mine (id INT)") == 1142
                # what the statements of an Idempotency-Key need, and no more
                assert attempt(own, "SELECT * FROM aurorest_idempotency WHERE part = 0") == ()
                assert attempt(own, "DELETE FROM aurorest_idempotency") == ()
                assert attempt(own, "UPDATE aurorest_idempotency SET part = 1") == 1142
    finally:
        server.execute(f"DROP USER IF EXISTS '{role}'@'%'")


def taken(server: Server, authority: Authority, role: str, passwords: str) -> str:
    """Those of these passwords, each a letter, that the account takes."""
    found = ""
    for password in passwords:
        with contextlib.suppress(pymysql.MySQLError), closing(sign_in(server, authority, role, password, "")):
            found += password
    return found


def test_a_role_keeps_its_former_password_until_the_next_change(
    mysql_server: Server, authority: Authority, tmp_path: Path
) -> None:
    """However often a version is applied, and even if the account is older than this feature."""
    database, role, names = "rotation", "rotated", ("rotation_api", "rotation_read")

    def apply(password: str, version: int | None) -> None:
        given = {"name": role, "password": password, "password_version": version}
        event = job(database, names, roles=[{key: each for key, each in given.items() if each is not None}])
        perform(parse(event), mysql_server.connect, tmp_path, Deadline(time.monotonic() + 60))

    try:
        for password, version, accepted in (
            ("a", None, "a"), ("b", 2, "ab"), ("b", 2, "ab"), ("c", 3, "bc"), ("c", 3, "bc"), ("d", 5, "cd"),
        ):  # fmt: skip
            apply(password, version)
            assert taken(mysql_server, authority, role, "abcd") == accepted
    finally:
        for name in (role, *names):
            mysql_server.execute(f"DROP USER IF EXISTS '{name}'@'%'")
        mysql_server.execute(f"DROP DATABASE IF EXISTS `{database}`")


def test_a_new_password_replaces_the_former_one_where_an_account_has_only_one(
    mariadb_server: Server, authority: Authority
) -> None:
    with closing(mariadb_server.connect()) as admin:
        try:
            for password, version in (("a", 1), ("b", 2)):
                users.make_roles(admin, (users.Role("rotated", password, password_version=version),), "secret")
            assert taken(mariadb_server, authority, "rotated", "ab") == "b"
        finally:
            mariadb_server.execute("DROP USER IF EXISTS 'rotated'@'%'")


def test_an_account_that_cannot_keep_its_former_password_gets_the_new_one(
    mysql_server: Server, authority: Authority
) -> None:
    lines: list[str] = []
    with closing(mysql_server.connect()) as admin:
        try:
            mysql_server.execute("CREATE USER 'rotated'@'%' IDENTIFIED BY ''")
            users.make_roles(admin, (users.Role("rotated", "b", password_version=2),), "secret", lines.append)
            assert taken(mysql_server, authority, "rotated", "b") == "b"
            assert "cannot keep its former password" in lines[-1]
        finally:
            mysql_server.execute("DROP USER IF EXISTS 'rotated'@'%'")


def test_the_command_line_makes_roles_that_the_migrations_grant_to(
    server: Server, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    role = f"role_{database[-8:]}"
    (tmp_path / "0001_orders.sql").write_text(f"CREATE TABLE orders (id INT); GRANT SELECT ON orders TO {role};")
    arguments = ["--database-url", server.url(database), "--directory", str(tmp_path)]
    try:
        assert main([*arguments, "--roles", f"{role},root"]) == 1
        assert "user_name: 'root' cannot be" in capsys.readouterr().err
        assert main([*arguments, "--roles", role]) == 0
        assert f"role {role}\n" in capsys.readouterr().out
        with server.connect(database, user=role) as own, own.cursor() as cursor:
            assert cursor.execute("SELECT id FROM orders") == 0
    finally:
        server.execute(f"DROP USER IF EXISTS '{role}'@'%'")


def test_the_function_signs_in_through_the_proxy_and_closes_its_connections(
    server: Server,
    authority: Authority,
    database: str,
    names: tuple[str, str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = f"{database}_new"
    monkeypatch.setattr(lambda_handler, "MIGRATIONS", folder)
    with stand_in(server, authority.issue("localhost"), may_pin=True) as proxied:
        proxied.settings(database, monkeypatch)
        try:
            assert handler(job(new, names), Context())["applied"] == list(FILES)
            assert query(server, new, "SELECT COUNT(*) FROM orders") == [(3,)]
        finally:
            server.execute(f"DROP DATABASE IF EXISTS `{new}`")
        # The lock pins the connection, and the pin ends with the connection.
        assert proxied.proxy.pinning[0].text.startswith("SELECT GET_LOCK(")
        assert eventually(lambda: proxied.proxy.open_sessions == 0)


def test_a_second_run_waits_for_the_first_and_then_finds_nothing_to_apply(
    server: Server, database: str, names: tuple[str, str], folder: Path
) -> None:
    """An Invoke whose response was lost is repeated while the first run is still working."""
    answers: list[dict[str, object]] = []
    wanted = parse(job(database, names))

    def second() -> None:
        answers.append(perform(wanted, server.connect, folder, Deadline(time.monotonic() + 60)))

    with closing(server.connect(database)) as first, locked(first, database, 0):
        run = threading.Thread(target=second)
        run.start()
        waits = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'User lock%'"
        assert eventually(lambda: query(server, database, waits) == [(1,)])
        migrate(first, database, load(folder))
    run.join()
    assert answers == [{"database": database, "applied": [], "users": list(names), "roles": []}]


def test_waiting_for_the_lock_is_reported_until_its_time_limit(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrator.ledger._LOCK_REPORT_SECONDS", 1)
    lines: list[str] = []
    with closing(server.connect(database)) as first, closing(server.connect(database)) as other:
        with (
            locked(first, database, 0),
            pytest.raises(MigratorError, match="waited 2 s"),
            locked(other, database, 2, lines.append),
        ):
            pass
        with first.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            holder = cursor.fetchall()[0][0]
    assert lines == [f"{database}: waiting for another run (database connection {holder}), 1 of 2 s"]


def test_a_statement_may_take_longer_than_the_handshake(server: Server, database: str) -> None:
    with closing(server.connect(database)) as connection:
        limit_statements(connection, 1)
        with pytest.raises(pymysql.OperationalError, match="timed out"), connection.cursor() as cursor:
            cursor.execute("SELECT SLEEP(3)")
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        limit_statements(connection, 1)
        cursor.execute("SELECT 1")
        limit_statements(connection, 30)
        cursor.execute("SELECT SLEEP(2)")


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it becomes true within ten seconds."""
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_the_function_fails_with_the_databases_message(
    server: Server, database: str, names: tuple[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "0003_wrong.sql").write_text("SELEC 1")
    monkeypatch.setenv("AUROREST_DATABASE_URL", server.url(database))
    monkeypatch.setattr(lambda_handler, "MIGRATIONS", folder)
    with pytest.raises(MigratorError, match=r"0003_wrong.sql, statement 1 of 1 \(line 1: SELEC 1\)\n1064"):
        handler(job(database, names), Context())
    monkeypatch.setenv("AUROREST_DATABASE_URL", "mysql://nobody:x@127.0.0.1:1/x")
    with pytest.raises(MigratorError, match=r"no connection to 127.0.0.1 .*\n2003"):
        handler(job(database, names), Context(30))


def test_the_function_does_nothing_when_the_stack_is_destroyed() -> None:
    assert handler({"tf": {"action": "delete"}, "anything": 1}) == {"applied": [], "users": [], "roles": []}


def test_an_invalid_file_changes_nothing(server: Server, database: str, names: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "wrong.sql").write_text("SELECT 1")
    with pytest.raises(MigratorError, match="migration_name"):
        perform(parse(job(f"{database}_never", names)), server.connect, tmp_path, Deadline(time.monotonic() + 60))
    assert query(server, "mysql", f"SHOW DATABASES LIKE '{database}\\_never'") == []
    assert isinstance(parse(job(database, names)), Job)
