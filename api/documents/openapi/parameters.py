"""The parameters of the operations: the shared ones, and a filter for each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.catalog import Cardinality, Catalog, Column, ColumnType, FullTextIndex, Kind, Relationship, Table
from api.documents.openapi.schemas import SAMPLE_UUID
from api.request.writer import field_name

Json = dict[str, object]


def reference(key: str) -> Json:
    """A reference to a shared parameter by its component key."""
    return {"$ref": f"#/components/parameters/{key}"}


def _text(name: str, place: str, description: str) -> Json:
    return {"name": name, "in": place, "description": description, "schema": {"type": "string"}}


def _count(name: str, description: str) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "integer", "minimum": 0}}


def shared_parameters(max_rows: int, schemas: Iterable[str]) -> dict[str, Json]:
    """The parameters that all tables share, by component key. `schemas`: the exposed databases, the default first."""
    profiles = list(schemas)
    profile = {"schema": {"type": "string", "enum": profiles, "default": profiles[0]}}
    return {
        "select": _text(
            "select", "query",
            "Columns and related tables: `id,name`, `alias:name`, `price::text`, `data->>key`, `id.count()`, "
            "`*,customer(name)`.",
        ),
        "order": _text(
            "order", "query",
            "Columns to sort by: `name`, `name.desc`, `name.asc.nullsfirst,id`, `customer(name)`, `price.sum().desc`.",
        ),
        "limit": _count("limit", f"The maximum number of rows (this server returns at most {max_rows})."),
        "offset": _count("offset", "The number of rows to skip."),
        "bom": {
            "name": "bom", "in": "query", "schema": {"type": "boolean"},
            "description": "CSV begins with a byte order mark, by which Excel recognises UTF-8.",
        },
        "and": _text("and", "query", "All of these conditions: `(qty.gt.2,name.like.A*)`."),
        "or": _text("or", "query", "At least one of these conditions: `(qty.gt.2,and(name.is.null,id.lt.5))`."),
        "columns": _text("columns", "query", "The keys of the payload to write; other keys are ignored."),
        "onConflict": _text("on_conflict", "query", "The columns of the unique key that `resolution` applies to."),
        "range": _text("Range", "header", "The positions of the rows, such as `0-9`, with `Range-Unit: items`."),
        "ifMatch": _text(
            "If-Match", "header",
            "The `ETag` of the row as it was read, or `*`: the write is done only if the row still has it, else 412.",
        ),
        "ifNoneMatch": _text(
            "If-None-Match", "header", "The `ETag` of an earlier answer: 304 without a body if it is still the same."
        ),
        "ifAbsent": _text(
            "If-None-Match", "header", "`*`: write only if no row has this key; otherwise the answer is 412."
        ),
        "idempotencyKey": _text(
            "Idempotency-Key", "header",
            "Chosen by the client, such as a UUID: a repeated request with the same key gets the first answer, and "
            "writes nothing.",
        ),
        "preferRead": _text(
            "Prefer", "header", "`count=exact`, `count=planned`, `count=estimated`, `handling=strict`, `timezone=`."
        ),
        "preferInsert": _text(
            "Prefer", "header",
            "`return=representation`, `return=headers-only`, `resolution=merge-duplicates`, "
            "`resolution=ignore-duplicates`, `missing=default`, `count=exact`, `tx=rollback`, `handling=strict`.",
        ),
        "preferChange": _text(
            "Prefer", "header",
            "`return=representation`, `count=exact`, `max-affected=1` with `handling=strict`, `tx=rollback`.",
        ),
        "acceptProfile": _text("Accept-Profile", "header", "The database to read from.") | profile,
        "contentProfile": _text("Content-Profile", "header", "The database to write to.") | profile,
    }  # fmt: skip


def filter_parameter(column: Column, *, has_full_text: bool) -> Json:
    """A column's filter, with examples for its type."""
    examples = ", ".join(f"`{example}`" for example in _examples(column, has_full_text=has_full_text))
    return _text(field_name(column.name), "query", f"{_shortened(column.type.shown)}: {examples}")


def search_parameter(index: FullTextIndex) -> Json:
    """A full-text search of an index by its name."""
    columns = ", ".join(f"`{name}`" for name in index.columns)
    described = f"Full-text index on {columns}: `wfts.some words`. `order={index.name}.desc` sorts by relevance."
    return _text(field_name(index.name), "query", described)


def _examples(column: Column, *, has_full_text: bool) -> Iterable[str]:
    yield from _examples_of(column.type)
    if has_full_text:
        yield "wfts.some words"
    if column.nullable:
        yield "is.null"
    elif column.type.kind is Kind.GEOMETRY:
        yield "not.is.null"


def _examples_of(column_type: ColumnType) -> tuple[str, ...]:
    match column_type.kind:
        case Kind.BOOLEAN:
            return ("is.true", "eq.false")
        case Kind.INTEGER:
            return ("eq.1", "gte.1", "in.(1,2)")
        case Kind.YEAR:
            return ("eq.2024", "lt.2000")
        case Kind.BITS:
            return ("eq.5",)
        case Kind.DECIMAL:
            return ("eq.1.50", "lt.10")
        case Kind.FLOAT:
            return ("gt.1.5", "lt.10")
        case Kind.TEXT:
            return ("eq.text", "ilike.*text*", "in.(a,b)")
        case Kind.ENUM:
            return (*(f"eq.{member}" for member in column_type.members[:1]), "neq.value")
        case Kind.SET:
            return (f"cs.{{{','.join(column_type.members[:1])}}}",)
        case Kind.DATE:
            return ("eq.2024-01-31", "gte.2024-01-31")
        case Kind.TIME:
            return ("lt.08:30:00",)
        case Kind.DATETIME:
            return ("gte.2024-01-31T08:30:00",)
        case Kind.TIMESTAMP:
            return ("gte.2024-01-31T08:30:00Z",)
        case Kind.JSON:
            return ('cs.{"a":1}',)
        case Kind.BINARY:
            return (f"eq.{SAMPLE_UUID}",) if column_type.uuid is not None else ("eq.AQ==",)
        case Kind.GEOMETRY:
            return ("within.(16.2,48.1,16.5,48.3)", "dwithin.(16.37,48.21,5000)")


def key_parameter(table: Table) -> Json:
    """The last segment of a row's path."""
    columns = ", ".join(f"`{name}`" for name in table.primary_key)
    several = "The primary key's values, separated by commas" if len(table.primary_key) > 1 else "The primary key"
    return {
        "name": "key",
        "in": "path",
        "required": True,
        "description": f"{several}: {columns}",
        "schema": {"type": "string"},
    }


_PHRASES: Mapping[Cardinality, str] = {
    Cardinality.MANY_TO_ONE: "an object, by `{}`",
    Cardinality.ONE_TO_ONE: "an object, by `{}`",
    Cardinality.ONE_TO_MANY: "an array, by `{}`",
    Cardinality.MANY_TO_MANY: "an array, by `{}`",
}
_MOST_RELATED = 20


def related_tables(catalog: Catalog, table: Table) -> str:
    """The tables that `select` can embed, as Markdown."""
    lines = [_related(one) for one in catalog.relationships.get(table.key, ())]
    if len(lines) > _MOST_RELATED:
        lines = [*lines[:_MOST_RELATED], f"- and {len(lines) - _MOST_RELATED} more"]
    return "\n".join(["`select` can embed:", *lines]) if lines else ""


def _related(relationship: Relationship) -> str:
    junction = relationship.junction
    by = relationship.name if junction is None else f"{junction.table.name}"
    return f"- `{relationship.target.name}`: {_PHRASES[relationship.cardinality].format(by)}"


def _shortened(declared: str) -> str:
    return declared if len(declared) <= 60 else declared[:57] + "..."
