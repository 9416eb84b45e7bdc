"""The paths of a table or view: its rows, and one row by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.catalog import Catalog, Kind, Privilege, Table
from api.catalog.lookup import is_reference
from api.documents.openapi import responses, schemas
from api.documents.openapi.names import component_keys, path_segment
from api.documents.openapi.parameters import (
    filter_parameter,
    key_parameter,
    reference,
    related_tables,
    search_parameter,
)
from api.request.media import CSV, JSON, NDJSON
from api.request.writer import field_name

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class TablePart:
    """What a table contributes to the document."""

    tag: Json
    paths: dict[str, Json]
    schemas: dict[str, Json]
    parameters: dict[str, Json]
    responses: dict[str, Json]


def table_part(catalog: Catalog, table: Table, key: str, profiles: tuple[Json, Json]) -> TablePart:
    """Everything about one table. `key` is its component key.

    `profiles` are the header parameters that select a database for reads and for writes; empty if there is only one.
    """
    notes = key_notes(catalog, table)
    indexes = [index for index in table.fulltext_indexes if index.name not in table.by_name]
    names = component_keys([*(column.name for column in table.readable), *(index.name for index in indexes)])
    keys = {name: f"{key}.{each}" for name, each in names.items()}
    filters = {
        keys[column.name]: filter_parameter(column, has_full_text=table.is_searchable(column.name))
        for column in table.readable
    } | {keys[index.name]: search_parameter(index) for index in indexes}
    has_geometry = any(column.type.kind is Kind.GEOMETRY for column in table.readable)
    related = related_tables(catalog, table)
    writer = _Writer(table, key, keys, related, *profiles)
    paths = {f"/rest/v1/{path_segment(table.name)}": writer.collection()}
    if table.primary_key:
        paths[f"/rest/v1/{path_segment(table.name)}/{{key}}"] = writer.row()
    return TablePart(
        tag={"name": table.name, "description": table.comment or ("A view." if table.is_view else "A table.")},
        paths=paths,
        schemas={key: schemas.row_schema(table, notes), f"{key}.insert": schemas.insert_schema(table, notes)},
        parameters=filters,
        responses={
            f"{key}.rows": responses.rows_component(key, has_geometry=has_geometry),
            f"{key}.row": responses.row_component(key),
        },
    )


def key_notes(catalog: Catalog, table: Table, *, within: str | None = None) -> dict[str, str]:
    """Notes on keys, by column, in the format of PostgREST's document, which some clients parse.

    `within`: only references to tables of this database are noted; None for all.
    """
    notes: dict[str, list[str]] = {name: ["This is a Primary Key.<pk/>"] for name in table.primary_key}
    for column, target, target_column in _references(catalog, table, within):
        notes.setdefault(column, []).append(
            f"This is a Foreign Key to `{target}.{target_column}`.<fk table='{target}' column='{target_column}'/>"
        )
    return {column: "\n".join(["Note:", *dict.fromkeys(lines)]) for column, lines in notes.items()}


def _references(catalog: Catalog, table: Table, within: str | None) -> list[tuple[str, str, str]]:
    """Each foreign key column, with the table and column it references; for a view, from its relationships."""
    if not table.is_view:
        return [
            (column, foreign_key.referenced.name, target)
            for foreign_key in table.foreign_keys
            if within in (None, foreign_key.referenced.schema)
            for column, target in zip(foreign_key.columns, foreign_key.referenced_columns, strict=True)
        ]
    return [
        (column, one.target.name, target)
        for one in catalog.relationships.get(table.key, ())
        if is_reference(one) and not catalog.table(one.target).is_view and within in (None, one.target.schema)
        for column, target in zip(one.origin_columns, one.target_columns, strict=True)
    ]


def _described(*paragraphs: str) -> Json:
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return {"description": text} if text else {}


_ALSO_TAKEN = f"One row or an array of rows. `{CSV}` with a header line and `{NDJSON}` are accepted as well."
"""They are not listed as content: generators that do not know them warn about every table."""

_PUT = tuple(reference(name) for name in ("select", "preferInsert", "ifMatch", "ifAbsent", "idempotencyKey"))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Builds the operations of one table."""

    table: Table
    key: str
    filters: Mapping[str, str]
    """By column or full-text index, the component key of its filter."""
    related: str
    """The tables that `select` can embed, as Markdown."""
    accept_profile: Json
    content_profile: Json

    def collection(self) -> Json:
        """`/rest/v1/{table}`."""
        operations: dict[str, Callable[[], Json]] = {
            "GET": self._list,
            "POST": self._insert,
            "PUT": self._upsert,
            "PATCH": self._update,
            "DELETE": self._delete,
        }
        return self._allowed(operations)

    def _allowed(self, operations: Mapping[str, Callable[[], Json]]) -> Json:
        """Those whose method the table allows to the account that the document is for."""
        allowed = self.table.methods
        return {method.lower(): operation() for method, operation in operations.items() if method in allowed}

    def row(self) -> Json:
        """`/rest/v1/{table}/{key}`."""
        operations: dict[str, Callable[[], Json]] = {
            "GET": self._get_one,
            "PUT": self._put_one,
            "PATCH": self._change_one,
            "DELETE": self._delete_one,
        }
        return {"parameters": [key_parameter(self.table)], **self._allowed(operations)}

    def _operation(
        self, verb: str, summary: str, parameters: list[Json], answers: Json, body: Json | None = None
    ) -> Json:
        operation: Json = {"tags": [self.table.name], "operationId": f"{verb}_{self.key}", "summary": summary}
        operation["parameters"] = [parameter for parameter in parameters if parameter]
        if body is not None:
            operation["requestBody"] = body
        return operation | {"responses": answers}

    def _rows(self, *statuses: str) -> Json:
        return {status: {"$ref": f"#/components/responses/{self.key}.rows"} for status in statuses}

    def _row(self, *statuses: str) -> Json:
        return {status: {"$ref": f"#/components/responses/{self.key}.row"} for status in statuses}

    def _list(self) -> Json:
        shared = ("select", "order", "limit", "offset", "and", "or", "bom", "range", "preferRead", "ifNoneMatch")
        parameters = [*self._filtering(shared), self.accept_profile]
        answers = self._rows("200", "206") | responses.unchanged() | responses.errors(responses.READ_ERRORS)
        operation = self._operation("list", f"Read rows of {self.table.name}", parameters, answers)
        return operation | _described(self.related, self._unlisted(*shared))

    def _filtering(self, shared: tuple[str, ...], *further: str) -> list[Json]:
        """Filters, and the shared parameters. Filters with the name of one of these, or a further one, are left out.

        Generators make identifiers of names: the quotes that tell the column `order` from the parameter are lost, and
        the operation with them. A filter by a column `body` takes the place of the payload in their code.
        """
        taken = (*shared, *further)
        filters = [key for name, key in self.filters.items() if name.lower() not in taken]
        return [reference(key) for key in (*filters, *shared)]

    def _unlisted(self, *taken: str) -> str:
        """How to filter by the columns that `_filtering` leaves out, as Markdown."""
        names = [name for name in self.filters if name.lower() in taken]
        return "\n".join(f"Filter by `{name}` within `and`: `and=({field_name(name)}.eq.1)`." for name in names)

    def _insert(self) -> Json:
        shared = ("select", "columns", "onConflict", "preferInsert", "ifAbsent", "idempotencyKey")
        row = {"$ref": f"#/components/schemas/{self.key}.insert"}
        media = {"schema": {"oneOf": [row, {"type": "array", "items": row}]}, "example": schemas.sample_row(self.table)}
        answers = {
            "201": {"$ref": "#/components/responses/Inserted"},
            **self._rows("200"),
            **responses.errors(responses.WRITE_ERRORS),
        }
        operation = self._operation(
            "insert",
            f"Insert rows into {self.table.name}",
            [*(reference(name) for name in shared), self.content_profile],
            answers,
            {"required": True, "description": _ALSO_TAKEN, "content": {JSON: media}},
        )
        inside = "A row may contain rows of related tables, which are inserted with it, under the same names as in"
        return operation | (_described(f"{inside} `select`.", self.related) if self.related else {})

    def _upsert(self) -> Json:
        keys = [
            {
                "name": field_name(name),
                "in": "query",
                "required": True,
                "description": "A primary key column, as `eq.value`.",
                "schema": {"type": "string", "pattern": r"^eq\."},
            }
            for name in self.table.primary_key
        ]
        answers = self._written("201") | responses.errors(responses.WRITE_ERRORS)
        parameters = [*keys, *_PUT, self.content_profile]
        summary = f"Insert or replace one row of {self.table.name}, by its key"
        return self._operation("upsert", summary, parameters, answers, self._body(whole=True))

    def _update(self) -> Json:
        shared = ("and", "or", "select", "columns", "preferChange", "ifMatch", "idempotencyKey")
        parameters = [*self._filtering(shared, "body"), self.content_profile]
        answers = self._written() | responses.errors(responses.WRITE_ERRORS)
        body = self._body(whole=False, several=True)
        operation = self._operation(
            "update", f"Update rows of {self.table.name}, by a filter or each by its key", parameters, answers, body
        )
        return operation | _described(
            "One object changes the rows that match the filter, all in the same way. An array changes each row, whose "
            "key every object has, to its own values; it takes no filter.",
            self._unlisted(*shared, "body"),
        )

    def _delete(self) -> Json:
        shared = ("and", "or", "select", "preferChange", "ifMatch", "idempotencyKey")
        parameters = [*self._filtering(shared), self.content_profile]
        answers = self._written() | responses.errors(responses.WRITE_ERRORS)
        operation = self._operation("delete", f"Delete the matching rows of {self.table.name}", parameters, answers)
        return operation | _described(self._unlisted(*shared))

    def _get_one(self) -> Json:
        answers = self._row("200") | responses.unchanged() | responses.errors(responses.READ_ERRORS)
        parameters = [reference("select"), reference("ifNoneMatch"), self.accept_profile]
        return self._operation("get_one", f"Read one row of {self.table.name}", parameters, answers)

    def _put_one(self) -> Json:
        answers = self._row("200", "201") | self._without_body() | responses.errors(responses.WRITE_ERRORS)
        parameters = [*_PUT, self.content_profile]
        summary = f"Insert or replace one row of {self.table.name}"
        return self._operation("put_one", summary, parameters, answers, self._body(whole=True))

    def _change_one(self) -> Json:
        answers = self._row("200") | self._without_body() | responses.errors(responses.WRITE_ERRORS)
        shared = ("select", "columns", "preferChange", "ifMatch", "idempotencyKey")
        parameters = [*(reference(name) for name in shared), self.content_profile]
        summary = f"Update one row of {self.table.name}"
        return self._operation("change_one", summary, parameters, answers, self._body(whole=False))

    def _delete_one(self) -> Json:
        answers = self._row("200") | self._without_body() | responses.errors(responses.WRITE_ERRORS)
        shared = ("select", "preferChange", "ifMatch", "idempotencyKey")
        parameters = [*(reference(name) for name in shared), self.content_profile]
        return self._operation("delete_one", f"Delete one row of {self.table.name}", parameters, answers)

    def _written(self, *statuses: str) -> Json:
        return self._rows("200", *statuses) | self._without_body()

    def _without_body(self) -> Json:
        return {"204": {"$ref": "#/components/responses/Done"}}

    def _body(self, *, whole: bool, several: bool = False) -> Json:
        row: Json = {"$ref": f"#/components/schemas/{self.key}" + (".insert" if whole else "")}
        schema: Json = {"oneOf": [row, {"type": "array", "items": row}]} if several else row
        sample = self._whole_sample() if whole else schemas.sample_change(self.table)
        return {"required": True, "content": {JSON: {"schema": schema, "example": sample}}}

    def _whole_sample(self) -> Json:
        keys = {
            column.name: schemas.sample_value(column.type)
            for column in self.table.columns
            if column.name in self.table.primary_key and Privilege.INSERT in column.privileges
        }
        return keys | schemas.sample_row(self.table)
