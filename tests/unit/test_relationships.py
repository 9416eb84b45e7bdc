"""Relationships from foreign keys: directions, cardinalities, junctions and views."""

from __future__ import annotations

from api.catalog import (
    Cardinality,
    Column,
    ColumnType,
    ForeignKey,
    Junction,
    Kind,
    Relationship,
    Table,
    TableKey,
    ViewColumn,
)
from api.catalog.relationships import relationships

INT = ColumnType(Kind.INTEGER, "int", "int")


def key(name: str) -> TableKey:
    return TableKey("d", name)


def reference(name: str, columns: str, target: str, target_columns: str = "id") -> ForeignKey:
    return ForeignKey(name, tuple(columns.split()), key(target), tuple(target_columns.split()))


def table(
    name: str,
    columns: str,
    *foreign_keys: ForeignKey,
    primary_key: str = "id",
    unique: tuple[str, ...] = (),
    shows: dict[str, str] | None = None,
) -> Table:
    """`shows`: for a view, the table and column that each of its columns comes from, as `table.column`."""
    origins = tuple(
        ViewColumn(column, key(origin.split(".")[0]), origin.split(".")[1]) for column, origin in (shows or {}).items()
    )
    return Table(
        schema="d",
        name=name,
        is_view=shows is not None,
        columns=tuple(Column(column, INT, nullable=False, position=1) for column in columns.split()),
        primary_key=tuple(primary_key.split()),
        unique_keys=tuple(tuple(columns.split()) for columns in unique),
        foreign_keys=foreign_keys,
        view_columns=origins,
    )


def described(found: dict[TableKey, tuple[Relationship, ...]], origin: str) -> list[str]:
    return [
        f"{one.cardinality.value} {one.target.name} by {one.name}"
        + (f" through {one.junction.table.name}" if one.junction else "")
        for one in found.get(key(origin), ())
    ]


CUSTOMER = table("customer", "id")
ORDER = table("orders", "id customer_id", reference("ordered", "customer_id", "customer"))


def test_a_foreign_key_gives_a_relationship_in_both_directions() -> None:
    assert relationships([CUSTOMER, ORDER]) == {
        key("customer"): (
            Relationship("ordered", Cardinality.ONE_TO_MANY, key("customer"), ("id",), key("orders"), ("customer_id",)),
        ),
        key("orders"): (
            Relationship("ordered", Cardinality.MANY_TO_ONE, key("orders"), ("customer_id",), key("customer"), ("id",)),
        ),
    }


def test_a_unique_foreign_key_is_one_to_one() -> None:
    by_primary_key = table("details", "id", reference("detail", "id", "customer"))
    by_unique_key = table("cards", "id holder", reference("held", "holder", "customer"), unique=("holder",))
    found = relationships([CUSTOMER, by_primary_key, by_unique_key])
    assert described(found, "details") == ["one-to-one customer by detail"]
    assert described(found, "cards") == ["one-to-one customer by held"]
    assert described(found, "customer") == ["one-to-one cards by held", "one-to-one details by detail"]


def test_part_of_a_key_is_not_unique() -> None:
    line = table("line", "order_id n", reference("part_of", "order_id", "orders"), primary_key="order_id n")
    assert described(relationships([ORDER, line]), "line") == ["many-to-one orders by part_of"]


def test_a_table_that_refers_to_itself_has_both_directions() -> None:
    person = table("person", "id boss", reference("obeys", "boss", "person"))
    assert described(relationships([person]), "person") == [
        "many-to-one person by obeys",
        "one-to-many person by obeys",
    ]


def test_a_composite_key_keeps_its_column_pairs() -> None:
    place = table("place", "country city", primary_key="country city")
    person = table("person", "id c1 c2", reference("lives", "c2 c1", "place", "city country"))
    found = relationships([place, person])[key("place")][0]
    assert (found.origin_columns, found.target_columns) == (("city", "country"), ("c2", "c1"))


STUDENT, COURSE = table("student", "id"), table("course", "id")
ENROLS, GIVEN = reference("enrols", "student_id", "student"), reference("given", "course_id", "course")


def test_a_table_whose_key_contains_two_foreign_keys_is_a_junction() -> None:
    enrolment = table("enrolment", "student_id course_id", ENROLS, GIVEN, primary_key="student_id course_id")
    found = relationships([STUDENT, COURSE, enrolment])
    assert found[key("student")] == (
        Relationship(
            "given",
            Cardinality.MANY_TO_MANY,
            key("student"),
            ("id",),
            key("course"),
            ("id",),
            Junction(key("enrolment"), ("student_id",), ("course_id",), "enrols", "given"),
        ),
        Relationship("enrols", Cardinality.ONE_TO_MANY, key("student"), ("id",), key("enrolment"), ("student_id",)),
    )
    assert described(found, "course") == [
        "one-to-many enrolment by given",
        "many-to-many student by enrols through enrolment",
    ]


def test_a_unique_key_or_a_wider_primary_key_makes_a_junction_too() -> None:
    by_unique = table("a", "id student_id course_id", ENROLS, GIVEN, unique=("course_id student_id",))
    by_more = table("b", "student_id course_id year", ENROLS, GIVEN, primary_key="year student_id course_id")
    found = relationships([STUDENT, COURSE, by_unique, by_more])
    assert [one for one in described(found, "student") if "many-to-many" in one] == [
        "many-to-many course by given through a",
        "many-to-many course by given through b",
    ]


def test_two_foreign_keys_without_a_common_key_do_not_make_a_junction() -> None:
    other = table("a", "id student_id course_id", ENROLS, GIVEN, unique=("student_id", "course_id id"))
    assert all("many-to-many" not in one for one in described(relationships([STUDENT, COURSE, other]), "student"))


def test_a_junction_of_a_table_with_itself_works_in_both_directions() -> None:
    neighbour = table(
        "neighbour", "a b", reference("of_a", "a", "country"), reference("of_b", "b", "country"), primary_key="a b"
    )
    found = relationships([table("country", "id"), neighbour])
    assert described(found, "country") == [
        "many-to-many country by of_b through neighbour",
        "many-to-many country by of_a through neighbour",
        "one-to-many neighbour by of_a",
        "one-to-many neighbour by of_b",
    ]


def test_a_view_can_replace_its_table_at_either_end_and_as_the_junction() -> None:
    enrolment = table("enrolment", "student_id course_id", ENROLS, GIVEN, primary_key="student_id course_id")
    pupils = table("pupils", "pupil", primary_key="pupil", shows={"pupil": "student.id"})
    listing = table(
        "listing", "s c", primary_key="s c", shows={"s": "enrolment.student_id", "c": "enrolment.course_id"}
    )
    found = relationships([STUDENT, COURSE, enrolment, pupils, listing])
    assert described(found, "pupils") == [
        "many-to-many course by given through enrolment",
        "many-to-many course by given through listing",
        "one-to-many enrolment by enrols",
        "one-to-many listing by enrols",
    ]
    assert described(found, "listing") == [
        "many-to-one course by given",
        "many-to-one pupils by enrols",
        "many-to-one student by enrols",
    ]


def test_a_view_that_may_repeat_rows_is_a_to_many_target() -> None:
    joined = table("joined", "cid oid", primary_key="oid", shows={"cid": "customer.id", "oid": "orders.id"})
    item = table("item", "id order_id", reference("of", "order_id", "orders"))
    found = relationships([CUSTOMER, ORDER, joined, item])
    assert "one-to-many joined by ordered" in described(found, "orders")
    assert "many-to-one joined by of" in described(found, "item")


def test_a_view_without_all_columns_of_a_key_is_not_related() -> None:
    place = table("place", "country city", primary_key="country city")
    person = table("person", "id c1 c2", reference("lives", "c1 c2", "place", "country city"))
    half = table("half", "c1", primary_key="", shows={"c1": "person.c1"})
    assert key("half") not in relationships([place, person, half])


def test_a_foreign_key_to_an_unexposed_table_is_ignored() -> None:
    assert relationships([ORDER]) == {}


def test_relationships_are_sorted_by_name_whatever_the_order_of_the_tables() -> None:
    enrolment = table("enrolment", "student_id course_id", ENROLS, GIVEN, primary_key="student_id course_id")
    forwards = relationships([STUDENT, COURSE, enrolment, CUSTOMER, ORDER])
    backwards = relationships([ORDER, CUSTOMER, enrolment, COURSE, STUDENT])
    assert forwards == backwards
    assert list(forwards) == list(backwards) == sorted(forwards)
