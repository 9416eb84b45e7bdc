"""Which columns store UUIDs, and in which order their bytes are."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Column, ForeignKey, Table, TableKey, UuidOrder
from api.catalog.introspection.column_types import column_type
from api.catalog.introspection.uuids import uuid_order, with_uuids
from api.values.uuids import uuid_bytes, uuid_text

PLAIN, SWAPPED = UuidOrder.PLAIN, UuidOrder.SWAPPED


def column(declared: str, default: str | None = None, comment: str = "", name: str = "id") -> Column:
    return Column(
        name, column_type(declared), nullable=False, position=1, comment=comment, default=default,
        default_is_expression=default is not None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "default, order",
    [
        ("uuid_to_bin(uuid())", PLAIN),
        ("UUID_TO_BIN(UUID())", PLAIN),
        ("uuid_to_bin(uuid(),0)", PLAIN),
        ("uuid_to_bin(uuid(),false)", PLAIN),
        ("uuid_to_bin(uuid(),1)", SWAPPED),
        ("(uuid_to_bin(uuid(), true))", SWAPPED),
        ("unhex(replace(uuid(),'-',''))", PLAIN),
        ("unhex(replace(uuid(),_utf8mb4'-',_utf8mb4''))", PLAIN),
        ("random_bytes(16)", None),
        ("unhex(md5(uuid()))", None),
    ],
)
def test_a_default_decides(default: str, order: UuidOrder | None) -> None:
    assert uuid_order(column("binary(16)", default)) is order


@pytest.mark.parametrize(
    "comment, order",
    [("@uuid", PLAIN), ("the key (@uuid)", PLAIN), ("@uuid(swap), v1", SWAPPED), ("@uuids", None), ("uuid", None)],
)
def test_a_comment_decides(comment: str, order: UuidOrder | None) -> None:
    assert uuid_order(column("binary(16)", comment=comment)) is order


@pytest.mark.parametrize("declared", ["binary(20)", "varbinary(16)", "char(36)", "binary(15)"])
def test_only_16_bytes_are_shown_as_a_uuid(declared: str) -> None:
    assert uuid_order(column(declared, comment="@uuid")) is None


def test_references_follow_the_key_also_in_a_circle() -> None:
    key = column("binary(16)", "uuid_to_bin(uuid(),1)")
    parent = Table("s", "parent", is_view=False, columns=(key,), primary_key=("id",))
    plain = replace(key, default=None, default_is_expression=False)
    to_parent = ForeignKey("f", ("id",), parent.key, ("id",))
    child = Table("s", "child", is_view=False, columns=(plain,), foreign_keys=(to_parent,))
    one, other = TableKey("s", "one"), TableKey("s", "other")
    circle = [
        Table("s", own.name, is_view=False, columns=(plain,), foreign_keys=(ForeignKey("c", ("id",), to, ("id",)),))
        for own, to in ((one, other), (other, one))
    ]
    tables = {table.key: table for table in (child, parent, *circle)}
    found = {table.name: with_uuids(table, tables).columns[0].type.uuid for table in tables.values()}
    assert found == {"parent": SWAPPED, "child": SWAPPED, "one": None, "other": None}


@given(value=st.uuids(), order=st.sampled_from(UuidOrder))
def test_a_uuid_comes_back_as_it_was_sent(value: uuid.UUID, order: UuidOrder) -> None:
    data = uuid_bytes(str(value), order)
    assert data is not None
    assert uuid_text(data, order) == str(value)
