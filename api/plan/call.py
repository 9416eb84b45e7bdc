"""From a request to the call of a routine: the routine looked up, its arguments matched by name and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from api import errors
from api.catalog import Catalog, Parameter, Routine, Schema
from api.catalog.lookup import find_schema
from api.catalog.privileges import may_show
from api.request.operators import OPERATORS
from api.request.query import ApiRequest, Condition, EmbedItem, Path, Query, RoutineCall, Star
from api.request.query_string import parse_filter
from api.values.payload import Stored, argument_converter
from api.values.texts import check_json


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A routine, its arguments in the order of its parameters, and the filters on a procedure's result."""

    routine: Routine
    arguments: tuple[Stored, ...]
    """None for an OUT parameter."""
    filters: tuple[Condition, ...] = ()


def plan_call(request: ApiRequest, catalog: Catalog, *, out_parameters: bool) -> CallPlan:
    """The plan of a GET, HEAD or POST on a routine; `out_parameters`: it may have OUT and INOUT parameters.

    Raises: `ApiError` PGRST202 for an unknown routine or set of arguments, 25006 (405) for a GET of a routine
    that may write, 42501 without the EXECUTE privilege, PGRST127 for OUT parameters and embeds, PGRST108 for parameters
    of an embed, and what a value's check raises.
    """
    if not isinstance(request.target, RoutineCall):
        raise TypeError("only a routine is called")
    schema = find_schema(catalog, request.profile)
    routine = schema.routines.get(request.target.name)
    reading = request.method in ("GET", "HEAD")
    if routine is None:
        given = dict(request.query.arguments) if reading else _sent(request)
        name = request.target.name
        hint = errors.did_you_mean(name, schema.routines, partial(may_show, schema.routines))
        if may_show(schema.tables, name):
            hint = f"'{name}' is a table or view: /rest/v1/{name}"
        raise errors.unknown_routine(schema.name, request.target.name, given, hint)
    if not routine.executable:
        raise errors.permission_denied(routine.kind, routine.name)
    if reading and not routine.reads_only:
        raise errors.ApiError(
            errors.codes.READ_ONLY,
            f"'{routine.name}' may change data, so {request.method} cannot call it",
            "Declare a routine that only reads as READS SQL DATA or NO SQL.",
            "Call it with POST.",
            {"Allow": "OPTIONS,POST"},
        )
    _refuse_embeds(request.query)
    filters = [condition for _, condition in request.query.filters]
    texts = request.payload is not None and request.payload.from_texts
    given = _sent(request)
    if reading:
        given, more = _split(request, routine)
        filters += more
        texts = True
    if not out_parameters:
        _refuse_out(routine)
    parameters = {parameter.name: parameter for parameter in routine.taken}
    if given.keys() != parameters.keys():
        raise errors.unknown_routine(schema.name, routine.name, given, _signature(schema, routine))
    arguments = tuple(
        _typed(each, given[each.name], request, catalog, texts=texts) if each.name in parameters else None
        for each in routine.parameters
    )
    if routine.returns is not None:
        _refuse_result_grammar(request, filters)
    return CallPlan(routine, arguments, tuple(filters))


def _sent(request: ApiRequest) -> Mapping[str, object]:
    """The arguments of a body; of those, the ones that `columns=` names."""
    sent = request.payload.rows[0] if request.payload is not None else {}
    columns = request.query.columns
    return sent if columns is None else {name: sent[name] for name in columns if name in sent}


def _split(request: ApiRequest, routine: Routine) -> tuple[Mapping[str, object], list[Condition]]:
    """The arguments of a query string, and its filters on the result: all that look like one, unless they are the only
    value for a parameter. The last of several values for a parameter counts, as in PostgREST."""
    parameters = {parameter.name for parameter in routine.taken}
    plain = {name for name, text in request.query.arguments if not _reads_like_filter(text)}
    given: dict[str, object] = {}
    filters: list[Condition] = []
    for name, text in request.query.arguments:
        if _reads_like_filter(text) and (name not in parameters or name in plain or name in given):
            path, condition = parse_filter(name, text)
            _refuse_path(path, name)
            filters.append(condition)
        else:
            given[name] = text
    return given, filters


def _reads_like_filter(text: str) -> bool:
    operator = text.removeprefix("not.").partition(".")[0].partition("(")[0]
    return operator in OPERATORS and "." in text


def _refuse_embeds(query: Query) -> None:
    """Raises: `ApiError` PGRST127 for an embed, PGRST108 for a parameter of one."""
    embed = next((item for item in query.select if isinstance(item, EmbedItem)), None)
    if embed is not None:
        raise errors.not_implemented(
            f"The rows of a routine cannot embed '{embed.name}': a result set is not a table that can be joined.",
            "Read a view that selects the same rows, or the table with in.(...) of the keys that the routine returns.",
        )
    for path, _ in (*query.filters, *query.orders, *query.limits, *query.offsets):
        _refuse_path(path, ".".join(path))


def _refuse_path(path: Path, parameter: str) -> None:
    if path:
        raise errors.not_embedded(path[0], parameter)


def _refuse_out(routine: Routine) -> None:
    out = [parameter.name for parameter in routine.returned]
    if out:
        raise errors.not_implemented(
            f"'{routine.name}' has OUT parameters ({', '.join(out)}): MySQL only returns them in user variables, "
            "which pin the connection of RDS Proxy, and this API is configured not to use them.",
            "Set the configuration key outParameters, or SELECT these values in the procedure.",
        )


def _refuse_result_grammar(request: ApiRequest, filters: list[Condition]) -> None:
    if filters or request.query.orders or request.query.select != (Star(),):
        raise errors.not_implemented(
            "A function returns one value: select, filters and order do not apply to it.",
            "The result set of a procedure can be filtered and ordered.",
        )


def _signature(schema: Schema, routine: Routine) -> str:
    names = ", ".join(parameter.name for parameter in routine.taken)
    return f"Perhaps you meant to call the function {schema.name}.{routine.name}({names})"


def _typed(parameter: Parameter, given: object, request: ApiRequest, catalog: Catalog, *, texts: bool) -> Stored:
    if texts and given is not None and parameter.type.kind.traits.document:
        given = check_json(str(given), parameter.name)
    return argument_converter(parameter, catalog.dialect, request.preferences.timezone)(given)
