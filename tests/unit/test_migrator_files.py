"""Reading the folder of migrations, and deciding which of them to run."""

from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.files import Migration, load, parse
from migrator.ledger import Entry
from migrator.plan import Pending, plan


def entry(migration: Migration, applied: int | None = None, running: int | None = None) -> Entry:
    """The ledger's row of a file: finished, or with its first `applied` statements applied."""
    total = len(migration.statements)
    done = total if applied is None else applied
    return Entry(
        migration.number, migration.name, migration.checksum, total, done, migration.chain(done), running, None, applied is None
    )  # fmt: skip


ONE = parse("0001_one.sql", b"CREATE TABLE a (id INT); CREATE TABLE b (id INT);")
TWO = parse("0002_two.sql", b"DROP TABLE a;")
THREE = parse("0003_three.sql", b"DROP TABLE b;")


def test_files_are_ordered_by_number_and_others_are_ignored(tmp_path: Path) -> None:
    for name in ("10_last.sql", "9_before.sql", "README.md", "notes.txt"):
        (tmp_path / name).write_text("SELECT 1;")
    assert [migration.name for migration in load(tmp_path)] == ["9_before.sql", "10_last.sql"]


def test_the_folder_that_ships_is_empty_and_valid() -> None:
    assert load(Path("migrations")) == ()


def test_line_endings_and_a_byte_order_mark_do_not_change_the_checksum() -> None:
    assert parse("1_a.sql", b"\xef\xbb\xbfSELECT\r\n1;\r\n").checksum == parse("1_a.sql", b"SELECT\n1;\n").checksum


@pytest.mark.parametrize(
    "name, content, code",
    [
        ("orders.sql", b"SELECT 1", "migration_name"),
        ("0001 orders.sql", b"SELECT 1", "migration_name"),
        ("0001_orders.SQL.sql", b"SELECT 1", "migration_name"),
        (f"0001_{'x' * 130}.sql", b"SELECT 1", "migration_name"),
        ("0001_a.sql", b"SELECT '\xff'", "migration_encoding"),
        ("0001_a.sql", b"-- nothing", "migration_empty"),
        ("0001_a.sql", b"SELECT 'a", "sql_unterminated"),
        ("0001_a.sql", b"SELECT 1; START TRANSACTION", "migration_statement"),
        ("0001_a.sql", b"begin; SELECT 1", "migration_statement"),
        ("0001_a.sql", b"COMMIT", "migration_statement"),
        ("0001_a.sql", b"use other", "migration_statement"),
        ("0001_a.sql", b"LOCK TABLES a WRITE", "migration_statement"),
        ("0001_a.sql", b"source other.sql", "migration_statement"),
    ],
)
def test_the_error_for_an_invalid_migration_names_the_file(name: str, content: bytes, code: str) -> None:
    with pytest.raises(MigratorError) as raised:
        parse(name, content)
    assert raised.value.code == code
    assert name in raised.value.message


def test_two_files_with_the_same_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_text("SELECT 1")
    (tmp_path / "01_b.sql").write_text("SELECT 1")
    with pytest.raises(MigratorError, match="migration_number_twice"):
        load(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="migrations_unreadable"):
        load(tmp_path / "nowhere")


def test_all_files_are_pending_in_a_new_database() -> None:
    assert plan((ONE, TWO), ()) == (Pending(ONE), Pending(TWO))


def test_afterwards_only_new_files_are_pending() -> None:
    assert plan((ONE, TWO, THREE), (entry(ONE), entry(TWO))) == (Pending(THREE),)


def test_a_half_applied_file_continues_at_the_failed_statement() -> None:
    assert plan((ONE, TWO), (entry(ONE, applied=1),)) == (Pending(ONE, first=2), Pending(TWO))


def test_a_statement_without_an_answer_is_in_doubt() -> None:
    assert plan((ONE,), (entry(ONE, applied=1, running=2),)) == (Pending(ONE, first=2, in_doubt=True),)


def test_the_failed_statement_and_later_ones_may_be_corrected() -> None:
    corrected = parse(ONE.name, b"CREATE TABLE a (id INT); CREATE TABLE c (id INT); SELECT 3;")
    assert plan((corrected,), (entry(ONE, applied=1),)) == (Pending(corrected, first=2),)


@pytest.mark.parametrize(
    "files, entries, code",
    [
        ((parse(ONE.name, b"SELECT 1"), TWO), (entry(ONE),), "migration_changed"),
        (
            (parse("0001_other.sql", b"CREATE TABLE a (id INT); CREATE TABLE b (id INT);"),),
            (entry(ONE),),
            "migration_changed",
        ),
        ((parse(ONE.name, b"CREATE TABLE x (id INT); SELECT 2"),), (entry(ONE, applied=1),), "migration_changed"),
        ((parse(ONE.name, b"CREATE TABLE a (id INT)"),), (entry(ONE, applied=2),), "migration_changed"),
        ((TWO,), (entry(ONE), entry(TWO)), "migration_missing"),
        ((ONE, TWO, THREE), (entry(ONE), entry(THREE)), "migration_out_of_order"),
    ],
)
def test_files_that_do_not_continue_what_was_applied_are_refused(
    files: tuple[Migration, ...], entries: tuple[Entry, ...], code: str
) -> None:
    with pytest.raises(MigratorError) as raised:
        plan(files, entries)
    assert raised.value.code == code
    assert raised.value.hint
