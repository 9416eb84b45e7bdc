"""The connection through the stand-in for RDS Proxy, and what happens when it breaks: on real MySQL and MariaDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from api.database import Change, Database, Row, Session
from api.database import connection as connection_module
from api.database import link as link_module
from api.database.driver import DECODERS
from api.errors import ApiError, codes
from api.settings import Settings, address_from_url
from api.statement import Sql
from local.server import Server
from tests.certificates import Authority, make_authority
from tests.standin.faults import BORROW_TIMEOUT, TOO_MANY_CONNECTIONS, Fault, Moment
from tests.standin.session import CREDENTIALS, StandIn, stand_in


@pytest.fixture
def settings(proxied: StandIn, server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = proxied.settings(database, monkeypatch)
    server.execute(
        "CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) UNIQUE, n INT NOT NULL DEFAULT 0)",
        "INSERT INTO item (id, name) VALUES (1, 'one'), (2, 'two')",
        database=database,
    )
    proxied.proxy.forget()
    proxied.proxy.clear_faults()
    return settings


@pytest.fixture
def through(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    yield database
    database.close()


def stored(server: Server, database: str) -> Sequence[Row]:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM item ORDER BY id")
        return [tuple(row) for row in cursor.fetchall()]


def count(session: Session) -> object:
    return session.rows(Sql("SELECT COUNT(*) FROM item"))[0][0]


def insert_two(session: Session) -> Change:
    first = session.change(Sql("INSERT INTO item (name) VALUES (%s)", ("three",)))
    session.change(Sql("INSERT INTO item (name) VALUES (%s)", ("four",)))
    return first


def refused(database: Database, statement: Sql) -> ApiError:
    with pytest.raises(ApiError) as caught:
        database.write(lambda session: session.change(statement))
    return caught.value


def test_a_signed_token_over_verified_tls_opens_the_connection(through: Database, proxied: StandIn) -> None:
    assert through.read(count) == 2
    assert proxied.proxy.logins == ["aurorest"]
    assert proxied.proxy.refusals == []


def test_one_connection_serves_many_requests(through: Database, proxied: StandIn) -> None:
    for _ in range(3):
        through.read(count)
        through.write(lambda session: session.change(Sql("UPDATE item SET n = n + 1")))
    assert len(proxied.proxy.logins) == 1


def test_only_the_statements_of_the_work_are_sent(through: Database, proxied: StandIn) -> None:
    through.read(count)
    through.write(lambda session: session.change(Sql("UPDATE item SET n = 1 WHERE name LIKE %s", ("o%",))))
    assert proxied.proxy.texts == [
        "SET NAMES utf8mb4",
        "SELECT COUNT(*) FROM item",
        "BEGIN",
        "UPDATE item SET n = 1 WHERE name LIKE 'o%'",
        "COMMIT",
    ]
    assert proxied.proxy.pinning == []


def test_values_are_returned_as_int_str_bytes_and_none(through: Database) -> None:
    statement = Sql(
        "SELECT %s, %s, %s, %s, %s, %s, %s, CAST('2024-01-02' AS DATE), CAST(%s AS DECIMAL(30,10))",
        (None, True, -3, 0.1, "o'é\\😀%", b"\x00\xff'", Decimal("1E+3"), Decimal("12345678901234567890.0000000001")),
    )
    assert through.read(lambda session: session.rows(statement)) == (
        (None, 1, -3, "0.1", "o'é\\😀%", b"\x00\xff'", 1000, "2024-01-02", "12345678901234567890.0000000001"),
    )


@pytest.mark.parametrize("length", [0, 1, 250, 251, 252, 65_535, 65_536, 2**24 - 10, 2**24])
def test_values_of_every_length_are_returned_with_others(server: Server, database: str, length: int) -> None:
    statement = Sql("SELECT NULL, REPEAT('x', %s), 7 UNION ALL SELECT REPEAT('y', %s), NULL, 8", (length, length))
    with closing(Database(Settings(writer=address_from_url(server.url(database))))) as direct:
        found = direct.read_schema(lambda session: session.rows(statement))
    assert found == ((None, "x" * length, 7), ("y" * length, None, 8))


def test_columns_are_described_as_the_driver_describes_them(server: Server, database: str) -> None:
    """Recurring columns are described once: twice the same statement, and others whose columns have the same names."""
    types = ("BIT(4)", "TINYINT", "BIGINT UNSIGNED", "DECIMAL(9,2)", "DOUBLE", "DATETIME(3)", "YEAR", "VARCHAR(9)",
             "VARBINARY(9)", "TEXT", "BLOB", "JSON", "GEOMETRY", "SET('a')")  # fmt: skip
    columns = ",".join(f"c{number} {type_}" for number, type_ in enumerate(types))
    server.execute(f"CREATE TABLE kinds ({columns})", database=database)
    names = ",".join(f"c{number}" for number in range(len(types)))
    settings = Settings.from_environment({"AUROREST_DATABASE_URL": server.url(database)})
    statements = [f"SELECT {names} FROM kinds", f"SELECT {names} FROM kinds", "SELECT 1 c0, 'x' c1", "SELECT x'00' c0"]
    with (
        closing(connection_module.connect(settings.writer, settings)) as ours,
        server.connect(database, conv=DECODERS) as plain,
    ):
        for statement in statements:
            results: list[Any] = []
            for connection in (ours, plain):
                with connection.cursor() as cursor:
                    cursor.execute(statement)
                    results.append(cast("Any", cursor)._result)
            one, other = results
            assert one.description == other.description
            assert one.converters == other.converters
            assert [vars(field) for field in one.fields] == [vars(field) for field in other.fields]


def test_updates_count_matching_rows_even_if_nothing_changes(through: Database) -> None:
    statement = Sql("UPDATE item SET n = 0")
    assert through.write(lambda session: session.change(statement)) == Change(2, 0)


def test_the_first_auto_increment_id_is_returned(through: Database) -> None:
    assert through.write(insert_two) == Change(1, 3)


def test_the_session_is_strict_and_in_utc(through: Database, server: Server, database: str) -> None:
    variables = Sql(
        "SELECT @@time_zone, @@sql_mode LIKE %s, @@innodb_lock_wait_timeout, @@group_concat_max_len",
        ("STRICT_ALL_TABLES%",),
    )
    direct = Database(Settings(writer=address_from_url(server.url(database))))
    socket = Database(
        Settings(
            writer=replace(address_from_url(server.url(database)), unix_socket=str(server.socket), host="localhost")
        )
    )
    for opened in (direct, socket):
        (zone, strict, wait, longest) = opened.read(lambda session: session.rows(variables))[0]
        assert (zone, wait, longest) == ("+00:00", 4, 5_500_000)
        assert strict in (0, 1)
        assert refused(opened, Sql("INSERT INTO item (id, name) VALUES (9, REPEAT('x', 41))")).code == "22001"
        opened.close()


class TestTrust:
    def test_a_certificate_from_another_authority_is_refused(
        self, settings: Settings, tmp_path_factory: pytest.TempPathFactory, proxied: StandIn
    ) -> None:
        stranger = make_authority(tmp_path_factory.mktemp("stranger"))
        self.cannot_connect(replace(settings, tls_ca=str(stranger.path)), proxied)

    def test_certifis_roots_are_the_default_and_do_not_trust_the_test_authority(
        self, settings: Settings, proxied: StandIn
    ) -> None:
        self.cannot_connect(replace(settings, tls_ca=""), proxied)

    @pytest.mark.usefixtures("settings")
    def test_a_certificate_for_another_host_is_refused(
        self, server: Server, authority: Authority, database: str
    ) -> None:
        with stand_in(server, authority.issue("other.test")) as elsewhere:
            self.cannot_connect(Settings.from_environment(elsewhere.environment(database)), elsewhere)

    def test_a_token_is_never_sent_without_tls(self, settings: Settings, proxied: StandIn) -> None:
        proxied.proxy.offers_tls = False
        try:
            self.cannot_connect(settings, proxied)
        finally:
            proxied.proxy.offers_tls = True

    @staticmethod
    def cannot_connect(settings: Settings, proxied: StandIn) -> None:
        with pytest.raises(ApiError) as caught:
            Database(settings).ping()
        assert (caught.value.status, caught.value.code) == (503, "08006")
        assert proxied.proxy.logins == []
        assert proxied.proxy.refusals == []


class TestLogin:
    def test_a_token_for_another_region_is_refused_without_a_reason(self, settings: Settings, proxied: StandIn) -> None:
        with pytest.raises(ApiError) as caught:
            Database(replace(settings, region="us-east-1")).ping()
        assert (caught.value.status, caught.value.code) == (500, "28000")
        assert "aurorest" not in str(caught.value.body())
        assert len(proxied.proxy.refusals) == 1

    def test_without_credentials_no_login_is_sent(
        self, settings: Settings, proxied: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in CREDENTIALS:
            monkeypatch.delenv(name)
        with pytest.raises(ApiError) as caught:
            Database(settings).ping()
        assert proxied.proxy.refusals == []
        assert (caught.value.status, caught.value.code) == (500, "28000")

    def test_an_unknown_database_is_a_server_error(self, settings: Settings) -> None:
        elsewhere = replace(settings, writer=replace(settings.writer, database="no_such"))
        with pytest.raises(ApiError) as caught:
            Database(elsewhere).ping()
        assert caught.value.status == 500

    def test_a_full_proxy_is_reported_as_busy(self, through: Database, proxied: StandIn) -> None:
        proxied.proxy.inject(Fault("login", error=TOO_MANY_CONNECTIONS))
        with pytest.raises(ApiError) as caught:
            through.read(count)
        assert (caught.value.status, caught.value.code) == (503, "53300")
        assert caught.value.headers == {"Retry-After": "1"}
        assert through.read(count) == 2

    def test_an_interrupted_login_is_retried(self, through: Database, proxied: StandIn) -> None:
        proxied.proxy.inject(Fault("login"))
        assert through.read(count) == 2


class TestReading:
    def test_a_connection_closed_while_idle_is_replaced_with_a_fresh_token(
        self, through: Database, proxied: StandIn
    ) -> None:
        through.read(count)
        proxied.proxy.disconnect_all()
        assert through.read(count) == 2
        assert proxied.proxy.logins == ["aurorest", "aurorest"]

    @pytest.mark.parametrize("moment", ["before", "during", "after"])
    @pytest.mark.parametrize("nth", [1, 2])
    def test_an_interrupted_read_is_retried_as_a_whole(
        self, through: Database, proxied: StandIn, moment: Moment, nth: int
    ) -> None:
        through.ping()
        proxied.proxy.inject(Fault(moment, nth=nth, matching="COUNT"))
        assert through.read(lambda session: (count(session), count(session))) == (2, 2)
        assert proxied.proxy.clear_faults() == 0

    @pytest.mark.parametrize("moment", ["before", "during", "after"])
    @pytest.mark.parametrize("matching", ["START TRANSACTION", "COUNT", "ROLLBACK"])
    def test_an_interrupted_read_only_transaction_is_retried_as_a_whole(
        self, through: Database, proxied: StandIn, moment: Moment, matching: str
    ) -> None:
        through.ping()
        proxied.proxy.inject(Fault(moment, matching=matching))
        assert through.read_only_transaction(count) == 2
        assert proxied.proxy.clear_faults() == 0
        assert through.read(count) == 2

    def test_a_read_interrupted_twice_is_an_error(self, through: Database, proxied: StandIn) -> None:
        proxied.proxy.inject(Fault("after", matching="COUNT"), Fault("after", nth=2, matching="COUNT"))
        with pytest.raises(ApiError) as caught:
            through.read(count)
        assert (caught.value.status, caught.value.code) == (503, "08006")
        assert through.read(count) == 2

    def test_a_missing_free_connection_is_reported_as_busy_without_a_retry(
        self, through: Database, proxied: StandIn
    ) -> None:
        proxied.proxy.inject(Fault("before", matching="COUNT", error=BORROW_TIMEOUT))
        with pytest.raises(ApiError) as caught:
            through.read(count)
        assert (caught.value.status, caught.value.code, caught.value.headers) == (503, "53300", {"Retry-After": "1"})
        assert len(proxied.proxy.logins) == 1

    def test_a_statement_slower_than_the_read_timeout_fails_without_a_retry(
        self, settings: Settings, proxied: StandIn
    ) -> None:
        database = Database(replace(settings, read_timeout_seconds=3))
        with pytest.raises(ApiError) as caught:
            database.read(lambda session: session.rows(Sql("SELECT SLEEP(6)")))
        assert (caught.value.status, caught.value.code) == (504, "57014")
        assert database.read(count) == 2
        assert [text for text in proxied.proxy.texts if "SLEEP" in text] == ["SELECT SLEEP(6)"]
        database.close()

    def test_a_read_only_transaction_cannot_write(self, through: Database, server: Server, database: str) -> None:
        with pytest.raises(ApiError) as caught:
            through.read_only_transaction(insert_two)
        assert (caught.value.status, caught.value.code) == (405, "25006")
        assert stored(server, database) == [("one",), ("two",)]

    def test_reads_use_the_read_endpoint_unless_strong_consistency_is_required(
        self, settings: Settings, server: Server, authority: Authority
    ) -> None:
        with stand_in(server, authority.issue("localhost")) as replica:
            reader = replace(settings.writer, port=replica.proxy.port)
            database = Database(replace(settings, reader=reader))
            assert database.read(count) == 2
            assert replica.proxy.texts == ["SET NAMES utf8mb4", "SELECT COUNT(*) FROM item"]
            assert database.read(count, "strong") == 2
            database.write(insert_two)
            database.ping()
            assert len(replica.proxy.texts) == 2
            database.close()


class TestWriting:
    @pytest.mark.parametrize("moment", ["before", "during", "after"])
    @pytest.mark.parametrize("matching", ["BEGIN", "three", "four"])
    def test_a_transaction_interrupted_before_commit_is_retried_and_stored_once(
        self, through: Database, proxied: StandIn, server: Server, database: str, moment: Moment, matching: str
    ) -> None:
        through.ping()
        proxied.proxy.inject(Fault(moment, matching=matching))
        through.write(insert_two)
        assert proxied.proxy.clear_faults() == 0
        assert stored(server, database) == [("one",), ("two",), ("three",), ("four",)]

    @pytest.mark.parametrize("moment,kept", [("before", False), ("during", True), ("after", True)])
    def test_an_interrupted_commit_is_not_retried_and_its_outcome_is_reported_as_unknown(
        self, through: Database, proxied: StandIn, server: Server, database: str, moment: Moment, kept: bool
    ) -> None:
        proxied.proxy.inject(Fault(moment, matching="COMMIT"))
        with pytest.raises(ApiError) as caught:
            through.write(insert_two)
        assert (caught.value.status, caught.value.code) == (503, "08007")
        assert "Retry-After" not in caught.value.headers
        assert stored(server, database) == [("one",), ("two",)] + [("three",), ("four",)] * kept
        assert through.read(count) == (4 if kept else 2)

    def test_a_write_survives_an_idle_connection_that_was_closed(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        through.read(count)
        proxied.proxy.disconnect_all()
        through.write(insert_two)
        assert stored(server, database) == [("one",), ("two",), ("three",), ("four",)]

    def test_a_failing_statement_stores_nothing(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        def work(session: Session) -> None:
            insert_two(session)
            session.change(Sql("INSERT INTO item (name) VALUES ('one')"))

        with pytest.raises(ApiError) as caught:
            through.write(work)
        assert (caught.value.status, caught.value.code) == (409, "23505")
        assert stored(server, database) == [("one",), ("two",)]
        assert proxied.proxy.texts[-1] == "ROLLBACK"
        assert len(proxied.proxy.logins) == 1

    def test_work_that_raises_stores_nothing(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        def work(session: Session) -> None:
            insert_two(session)
            raise ApiError(codes.NOT_SINGULAR, "not one row")

        with pytest.raises(ApiError, match="PGRST116"):
            through.write(work)
        assert stored(server, database) == [("one",), ("two",)]
        assert through.read(count) == 2
        assert len(proxied.proxy.logins) == 1

    def test_a_programming_error_in_the_work_drops_the_connection(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        def work(session: Session) -> None:
            insert_two(session)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            through.write(work)
        assert stored(server, database) == [("one",), ("two",)]
        assert through.read(count) == 2
        assert len(proxied.proxy.logins) == 2

    def test_without_a_commit_the_result_is_returned_but_not_stored(
        self, through: Database, server: Server, database: str
    ) -> None:
        def work(session: Session) -> object:
            insert_two(session)
            return count(session)

        assert through.write(work, commit=False) == 4
        assert stored(server, database) == [("one",), ("two",)]

    def test_after_a_failover_the_connection_moves_to_the_new_writer(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        read_only = (1290, "HY000", "The MySQL server is running with the --read-only option")
        proxied.proxy.inject(Fault("before", matching="three", error=read_only))
        through.write(insert_two)
        assert len(proxied.proxy.logins) == 2
        assert stored(server, database) == [("one",), ("two",), ("three",), ("four",)]

    def test_an_interrupted_procedure_is_not_called_again(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        server.execute(
            "CREATE PROCEDURE both_at_once() BEGIN INSERT INTO item (name) VALUES ('three'); COMMIT; END",
            database=database,
        )
        proxied.proxy.inject(Fault("after", matching="CALL"))
        with pytest.raises(ApiError) as caught:
            through.write(lambda session: session.call(Sql("CALL both_at_once()")))
        assert (caught.value.status, caught.value.code) == (503, "08007")
        assert stored(server, database) == [("one",), ("two",), ("three",)]


class TestLocks:
    DEADLOCK = (1213, "40001", "Deadlock found when trying to get lock; try restarting transaction")

    def test_a_deadlock_is_retried(self, through: Database, proxied: StandIn, server: Server, database: str) -> None:
        proxied.proxy.inject(
            Fault("before", matching="four", error=self.DEADLOCK),
            Fault("before", matching="COMMIT", error=self.DEADLOCK),
        )
        through.write(insert_two)
        assert stored(server, database) == [("one",), ("two",), ("three",), ("four",)]

    def test_endless_deadlocks_are_reported_as_busy(
        self, through: Database, proxied: StandIn, server: Server, database: str
    ) -> None:
        proxied.proxy.inject(*[Fault("before", nth=nth, matching="four", error=self.DEADLOCK) for nth in (1, 2, 3, 4)])
        with pytest.raises(ApiError) as caught:
            through.write(insert_two)
        assert (caught.value.status, caught.value.code, caught.value.headers) == (503, "40P01", {"Retry-After": "1"})
        assert stored(server, database) == [("one",), ("two",)]
        assert proxied.proxy.texts.count("BEGIN") == 4

    def test_two_transactions_in_a_real_deadlock_both_succeed(
        self, settings: Settings, server: Server, database: str
    ) -> None:
        meeting = threading.Barrier(2)
        failures: list[ApiError] = []

        def run(first: int, second: int) -> None:
            through = Database(settings)
            met = False

            def work(session: Session) -> None:
                nonlocal met
                session.change(Sql("UPDATE item SET n = n + 1 WHERE id = %s", (first,)))
                if not met:
                    met = True
                    meeting.wait(20)
                session.change(Sql("UPDATE item SET n = n + 1 WHERE id = %s", (second,)))

            try:
                through.write(work)
            except ApiError as error:
                failures.append(error)
            finally:
                through.close()

        threads = [threading.Thread(target=run, args=order) for order in ((1, 2), (2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        with server.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT n FROM item ORDER BY id")
            assert list(cursor.fetchall()) == [(2,), (2,)]

    def test_a_row_that_stays_locked_is_reported_as_busy(
        self, settings: Settings, server: Server, database: str
    ) -> None:
        patient = Database(replace(settings, read_timeout_seconds=7))
        with server.connect(database, autocommit=False) as holder, holder.cursor() as cursor:
            cursor.execute("SELECT * FROM item WHERE id = 1 FOR UPDATE")
            error = refused(patient, Sql("UPDATE item SET n = 5 WHERE id = 1"))
        assert (error.status, error.code, error.headers) == (503, "55P03", {"Retry-After": "1"})
        patient.close()


class TestPinning:
    def test_a_value_too_large_for_the_proxy_pins_only_during_its_request(
        self,
        through: Database,
        proxied: StandIn,
        server: Server,
        database: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        server.execute("CREATE TABLE large (t LONGTEXT)", database=database)
        with caplog.at_level("INFO", "aurorest"):
            through.write(lambda session: session.change(Sql("INSERT INTO large VALUES (%s)", ("😀" * 5000,))))
        assert caplog.messages == ["a statement of 20029 bytes pins its session, which ends with the request"]
        assert [found.pins for found in proxied.proxy.pinning] == ["text over 16384 bytes"]
        assert through.read(count) == 2
        assert len(proxied.proxy.logins) == 2

    def test_a_statement_just_within_the_size_limit_keeps_the_connection(
        self, through: Database, proxied: StandIn
    ) -> None:
        text = "x" * (16_000 - len("SELECT ''"))
        assert through.read(lambda session: session.rows(Sql("SELECT %s", (text,)))) == ((text,),)
        assert through.read(count) == 2
        assert len(proxied.proxy.logins) == 1
        assert proxied.proxy.pinning == []


class TestCalls:
    def test_a_result_includes_its_columns(self, through: Database, server: Server, database: str) -> None:
        server.execute(
            "CREATE PROCEDURE listing() BEGIN SELECT id, name, 1.50 AS price FROM item ORDER BY id; SELECT 'second'; END",
            "CREATE PROCEDURE silent() BEGIN UPDATE item SET n = 1; END",
            database=database,
        )
        result = through.write(lambda session: session.call(Sql("CALL listing()")))
        assert result is not None
        assert [column.name for column in result.columns] == ["id", "name", "price"]
        assert result.columns[2].decimals == 2
        assert result.rows == ((1, "one", "1.50"), (2, "two", "1.50"))
        assert through.write(lambda session: session.call(Sql("CALL silent()"))) is None
        assert through.read(count) == 2

    def test_an_error_after_the_first_result_belongs_to_the_call(
        self, through: Database, server: Server, database: str
    ) -> None:
        server.execute(
            "CREATE PROCEDURE late() BEGIN SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too late'; END",
            database=database,
        )
        with pytest.raises(ApiError) as caught:
            through.write(lambda session: session.call(Sql("CALL late()")))
        assert (caught.value.status, caught.value.code, caught.value.message) == (400, "P0001", "too late")


class TestBrokenOff:
    def test_a_statement_over_its_time_limit_fails_but_keeps_the_connection(
        self, through: Database, proxied: StandIn, server: Server
    ) -> None:
        slow = "SELECT {} COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c"
        limited = slow.format("/*+ MAX_EXECUTION_TIME(300) */")
        if server.kind == "mariadb":
            limited = f"SET STATEMENT max_statement_time=0.3 FOR {slow.format('')}"
        with pytest.raises(ApiError) as caught:
            through.read(lambda session: session.rows(Sql(limited)))
        assert (caught.value.status, caught.value.code) == (504, "57014")
        assert through.read(count) == 2
        assert len(proxied.proxy.logins) == 1

    def test_an_error_in_the_middle_of_a_result_keeps_the_protocol_in_sync(
        self, through: Database, proxied: StandIn
    ) -> None:
        statement = Sql("SELECT id, IF(id = 2, (SELECT id FROM item AS other WHERE other.id <= item.id), 0) FROM item")
        with pytest.raises(ApiError) as caught:
            through.read(lambda session: session.rows(statement))
        assert (caught.value.status, caught.value.code) == (400, "21000")
        assert through.read(count) == 2
        assert len(proxied.proxy.logins) == 1

    def test_a_connection_that_the_server_killed_is_replaced(self, server: Server, database: str) -> None:
        direct = Database(Settings(writer=address_from_url(server.url(database))))
        identity = Sql("SELECT CONNECTION_ID()")
        first = direct.read(lambda session: session.rows(identity))[0][0]
        server.execute(f"KILL {first}")
        second = direct.write(lambda session: session.rows(identity))[0][0]
        assert second != first
        server.execute(f"KILL {second}")
        assert direct.read(lambda session: session.rows(identity))[0][0] not in (first, second)
        direct.close()


def test_every_statement_is_observed(settings: Settings) -> None:
    seen: list[str] = []
    database = Database(settings, lambda text, seconds: seen.append(f"{text} {seconds > 0}"))
    database.read(count)
    database.close()
    assert seen == ["SELECT COUNT(*) FROM item True"]


def test_unexpected_exceptions_are_logged_under_the_request_id_of_the_response(
    through: Database, proxied: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    proxied.proxy.inject(Fault("before", matching="COUNT", error=(1815, "HY000", "an internal detail")))
    with pytest.raises(ApiError) as caught:
        through.read(count)
    assert (caught.value.status, caught.value.code) == (500, "XX000")
    assert "internal detail" not in str(caught.value.body())
    request_id = str(caught.value.details).split()[2]
    assert request_id in caplog.text
    assert "an internal detail" in caplog.text
    assert through.read(count) == 2
    assert len(proxied.proxy.logins) == 2


def test_half_a_surrogate_pair_is_refused_before_it_is_sent(through: Database) -> None:
    error = refused(through, Sql("INSERT INTO item (name) VALUES (%s)", ("\ud800",)))
    assert (error.status, error.code) == (400, "22021")
    assert through.read(count) == 2


class TestIdleConnections:
    """Before a statement that commits by itself, whose loss nobody could repair."""

    INSERT = "INSERT INTO item (n) VALUES (3)"

    def alone(self, through: Database) -> int:
        return through.write(lambda session: session.change_alone(self.INSERT), alone=True).rows

    def test_one_that_was_closed_is_replaced(self, through: Database, proxied: StandIn) -> None:
        through.read(count)
        proxied.proxy.disconnect_all()
        assert self.alone(through) == 1
        assert len(proxied.proxy.logins) == 2
        assert through.read(count) == 3

    def test_one_that_was_idle_for_long_is_pinged(
        self, through: Database, proxied: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        through.read(count)
        pings: list[bool] = []

        def answers(connection: Any) -> bool:
            pings.append(True)
            return real(connection)

        real = connection_module.answers
        monkeypatch.setattr(link_module, "answers", answers)
        assert (self.alone(through), pings) == (1, [])
        monkeypatch.setattr(link_module, "IDLE_SECONDS", -1)
        assert (self.alone(through), pings) == (1, [True])
        assert len(proxied.proxy.logins) == 1

    def test_one_that_does_not_answer_is_replaced(
        self, through: Database, proxied: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        through.read(count)
        monkeypatch.setattr(link_module, "IDLE_SECONDS", -1)
        proxied.proxy.disconnect_all()
        assert self.alone(through) == 1
        assert len(proxied.proxy.logins) == 2

    def test_nothing_is_sent_alone_where_the_work_does_not_allow_it(self, through: Database) -> None:
        assert through.write(lambda session: session.commits_alone) is False
        assert through.write(lambda session: session.commits_alone, commit=False, alone=True) is False
        assert through.write(lambda session: session.commits_alone, alone=True) is True

    def test_a_refused_statement_stores_nothing_and_is_not_in_doubt(self, through: Database) -> None:
        with pytest.raises(ApiError) as caught:
            through.write(lambda session: session.change_alone("INSERT INTO item (nme) VALUES (1)"), alone=True)
        assert caught.value.code == "42703"
        assert through.read(count) == 2
