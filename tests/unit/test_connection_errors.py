"""The table that maps the servers' error numbers to the errors of the API."""

from __future__ import annotations

import pymysql
import pytest

from api.database import errno
from api.database.errno import MEANINGS, timed_out
from api.database.translate import translate

# Every error number of MySQL, MariaDB, the driver and the proxy that docs/reference.md covers.
CONTRACT = {
    "23505 409": [1062],
    "23503 409": [1451, 1452],
    "23502 400": [1048, 1364],
    "23514 400": [3819, 4025],
    "22001 400": [1406],
    "22003 400": [1264, 1690, 3048],
    "22P02 400": [1366, 1265, 3140],
    "22007 400": [1292, 1525],
    "42703 400": [1054],
    "42P01 404": [1146],
    "42501 403": [1142, 1143, 1370],
    "42883 404": [1305],
    "42883 400": [3034, 3704],
    "428C9 400": [3105, 1906],
    "55P03 503": [1205],
    "40P01 503": [1213],
    "57014 504": [3024, 1969],
    "25006 405": [1792],
    "53300 503": [1040, 1203, 9501],
    "08006 503": [2002, 2003, 2006, 2013],
    "P0001 400": [1644],
    "2201B 400": [3696, 1139],
    "42704 400": [1191],
}

CHILD = "Cannot add or update a child row: a foreign key constraint fails"
PARENT = "Cannot delete or update a parent row: a foreign key constraint fails"


@pytest.mark.parametrize(
    "expected,number", [(expected, number) for expected, numbers in CONTRACT.items() for number in numbers]
)
def test_each_error_number_has_its_documented_code_and_status(expected: str, number: int) -> None:
    error = translate(pymysql.OperationalError(number, "text"))
    assert f"{error.code} {error.status}" == expected


def test_each_error_number_is_in_one_row_of_the_table() -> None:
    rows = [numbers for _, numbers in errno.table()]
    assert sum(len(numbers) for numbers in rows) == len(MEANINGS)


def test_every_temporary_error_says_when_to_retry() -> None:
    for number, meaning in MEANINGS.items():
        headers = translate(pymysql.OperationalError(number, "text")).headers
        assert headers == ({"Retry-After": "1"} if meaning.error.status == 503 else {}), number


def test_only_statuses_below_500_repeat_the_servers_message() -> None:
    for number, meaning in MEANINGS.items():
        body = str(translate(pymysql.OperationalError(number, "host db-7.internal")).body())
        assert ("db-7" in body) == (meaning.error.status < 500 and meaning.message is None), number


def test_an_unknown_error_number_is_a_500_without_the_servers_message() -> None:
    error = translate(pymysql.OperationalError(1815, "internal detail"))
    assert (error.status, error.code) == (500, "XX000")
    assert "internal detail" not in str(error.body())


def test_an_error_without_number_is_a_500() -> None:
    assert translate(pymysql.InternalError("Packet sequence number wrong")).status == 500


def test_a_duplicate_key_error_names_the_key_and_value() -> None:
    error = translate(pymysql.IntegrityError(1062, "Duplicate entry 'it's-7' for key 'item.name'"))
    assert error.message == 'duplicate key value violates unique constraint "name"'
    assert error.details == 'The key "name" already has the value it\'s-7.'


@pytest.mark.parametrize(
    "number,text,message,details",
    [
        (
            1452,
            f"{CHILD} (`shop`.`order`, CONSTRAINT `of` FOREIGN KEY (`a`, `b``c`) REFERENCES `customer` (`id`, `n`))",
            'insert or update on table "order" violates foreign key constraint "of"',
            'The key (a, bc) is not present in table "customer".',
        ),
        (
            1451,
            f"{PARENT} (`shop`.`order`, CONSTRAINT `of` FOREIGN KEY (`a`) REFERENCES `customer` (`id`) ON UPDATE CASCADE)",
            'update or delete on table "customer" violates foreign key constraint "of" on table "order"',
            'The row is still referenced from table "order" (a).',
        ),
        (
            1216,
            CHILD,
            CHILD,
            None,
        ),
    ],
)
def test_a_foreign_key_error_names_both_tables(number: int, text: str, message: str, details: str | None) -> None:
    error = translate(pymysql.IntegrityError(number, text))
    assert (error.message, error.details) == (message, details)


@pytest.mark.parametrize(
    "number,text,message",
    [
        (1406, "Data too long for column 'name' at row 17", "Data too long for column 'name'"),
        (
            1142,
            "SELECT command denied to user 'app'@'10.0.1.7' for table 'secret'",
            "permission denied for table secret",
        ),
        (
            1142,
            "SELECT command denied to user 'app'@'localhost' for table `hidden`.`secret`",
            "permission denied for table secret",
        ),
        (
            1370,
            "execute command denied to user 'app'@'%' for routine 'hidden.f'",
            "permission denied for routine f",
        ),
        (1305, "FUNCTION hidden.f does not exist", "FUNCTION f does not exist"),
        (1146, "Table 'hidden.t' doesn't exist", "Table 't' doesn't exist"),
        (1114, "The table 'x' is full", "The database is short of memory or disk space"),
        (1644, "the table shop.orders is closed", "the table shop.orders is closed"),
        (
            1449,
            "The user specified as a definer ('admin'@'10.0.0.1') does not exist",
            "The account that defined a view, routine or trigger no longer exists",
        ),
    ],
)
def test_messages_do_not_contain_row_numbers_users_and_databases(number: int, text: str, message: str) -> None:
    assert translate(pymysql.OperationalError(number, text)).message == message


def test_a_signal_with_its_own_number_keeps_the_routines_message() -> None:
    error = translate(pymysql.OperationalError(7001, "out of stock", sqlstate="45000"))
    assert (error.status, error.code, error.message) == (400, "P0001", "out of stock")


def test_a_connection_timeout_is_reported_as_slow_not_as_lost() -> None:
    slow = pymysql.OperationalError(2013, "Lost connection")
    slow.__context__ = TimeoutError()
    assert timed_out(slow)
    assert translate(slow).status == 504
    assert not timed_out(pymysql.OperationalError(2013, "Lost connection"))


def test_a_full_disk_of_a_storage_engine_is_a_passing_fault() -> None:
    full = translate(
        pymysql.OperationalError(1030, "Got error 28 - 'No space left on device' from storage engine InnoDB")
    )
    assert (full.status, full.code) == (503, "53200")
    assert translate(pymysql.OperationalError(1030, "Got error 168 - 'Unknown' from storage engine")).status == 500


@pytest.mark.parametrize(
    "number, text, message, details",
    [
        (
            1143,
            "SELECT command denied to user 'anon'@'10.0.1.7' for column 'price' in table 'product'",
            "permission denied for table product",
            "SELECT command denied for column 'price' in table 'product'",
        ),
        (
            1142,
            "SELECT with locking clause command denied to user 'anon'@'%' for table 'odd `name'",
            "permission denied for table odd `name",
            "SELECT with locking clause command denied for table 'odd `name'",
        ),
        (
            1142,
            "INSERT, UPDATE command denied to user 'anon'@'%' for table `shop`.`a table`",
            "permission denied for table a table",
            "INSERT, UPDATE command denied for table `a table`",
        ),
        (
            1044,
            "Access denied for user 'anon'@'%' to database 'shop'",
            "Access denied to database 'shop'",
            None,
        ),
    ],
)
def test_a_missing_privilege_is_reported_in_the_words_of_postgresql(
    number: int, text: str, message: str, details: str | None
) -> None:
    error = translate(pymysql.OperationalError(number, text))
    assert (error.status, error.code, error.message, error.details) == (403, "42501", message, details)
