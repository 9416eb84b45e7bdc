"""Python clients that openapi-python-client generates from the document, called against the API."""

from __future__ import annotations

import datetime
import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.server import Server
from tests.e2e.generated.awkward import awkward_database
from tests.e2e.world import sample_tables
from tests.serving import serving


@dataclass
class Generated:
    """A generated client: `generated.call("cities", "list_cities", limit=1)`, `generated.model("CitiesInsert")`."""

    package: str
    client: Any
    document: Any

    def call(self, tag: str, operation: str, *arguments: Any, **named: Any) -> Any:
        """The response, with `status_code` and `parsed`."""
        module = import_module(f"{self.package}.api.{tag}.{operation}")
        return module.sync_detailed(*arguments, client=self.client, **named)

    def model(self, name: str) -> Any:
        return getattr(import_module(f"{self.package}.models"), name)


@contextmanager
def generated(server: Server, database: str, folder: Path) -> Iterator[Generated]:
    """Generate a client from the document of a database. A warning of the generator fails, with its output."""
    with serving(server.url(database)) as address:
        document = httpx.get(f"{address}/openapi.json")
        (folder / "openapi.json").write_bytes(document.content)
        (folder / "options.json").write_text(json.dumps({"post_hooks": []}))  # it would format the code
        package = f"client_of_{database}"
        command = [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"),
            *("--path", "openapi.json", "--config", "options.json", "--output-path", package),
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(folder)
            client = import_module(f"{package}.client").Client(base_url=address, raise_on_unexpected_status=True)
            yield Generated(package, client, document.json())
        for module in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[module]


def fixture_of(database: Callable[[Server], AbstractContextManager[str]]) -> Any:
    @pytest.fixture(scope="module")
    def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
        with database(server) as name, generated(server, name, tmp_path_factory.mktemp("generated")) as found:
            yield found

    return client


world = fixture_of(sample_tables)
awkward = fixture_of(awkward_database)


def insert(client: Generated, table: str, **columns: Any) -> None:
    row = client.model("".join(word.title() for word in table.split("_")) + "Insert")(**columns)
    answer = client.call(table, f"insert_{table}", body=row)
    assert answer.status_code == HTTPStatus.CREATED, answer.content


@pytest.fixture
def vienna(world: Generated) -> Iterator[Generated]:
    """With rows of an Austria of two cities and an airport, which the client inserts and deletes."""
    insert(world, "continents", code="EU", name="Europe", names={})
    facts = {"names": {"de": "Österreich"}, "facts": {}}
    austria = {"code": "AT", "code3": "AUT", "name": "Austria", "continent_code": "EU", "area_km2": 83858.0}
    days = world.model("CountriesInsertWeekendItem")
    first = world.model("CountriesInsertFirstWeekdayType0").MONDAY
    insert(
        world,
        "countries",
        **austria,
        **facts,
        population=8847037,
        weekend=[days.SUNDAY, days.SATURDAY],
        first_weekday=first,
    )
    hours = {"january_offset": "01:00:00", "july_offset": "02:00:00"}
    insert(world, "timezones", name="Europe/Vienna", country_code="AT", **hours)
    place = {"country_code": "AT", "timezone": "Europe/Vienna"}
    insert(world, "cities", name="Vienna", latitude=48.20849, longitude=16.37208, population=1691468, **place)
    insert(world, "cities", name="Graz", latitude=47.06667, longitude=15.45, population=222326, **place)
    point = world.model("Geometry")(type_=world.model("GeometryType").POINT, coordinates=[16.57, 48.11])
    systems = [world.model("AirportsInsertCodeSystemsItem").ICAO]
    named = {"icao": "LOWW", "name": "Vienna International Airport", "elevation_ft": 600.0}
    insert(world, "airports", **named, **place, code_systems=systems, location=point)
    yield world
    keys = {"airports": "icao", "cities": "name", "timezones": "name", "countries": "code", "continents": "code"}
    for table, key in keys.items():
        done = world.call(table, f"delete_{table}", **{key: "not.is.null"})
        assert done.status_code == HTTPStatus.NO_CONTENT, done.content


def test_rows_are_listed_filtered_and_read_by_key(vienna: Generated) -> None:
    found = vienna.call("cities", "list_cities", country_code="eq.AT", order="population.desc").parsed
    assert [(each.name, each.population) for each in found] == [("Vienna", 1691468), ("Graz", 222326)]
    assert isinstance(found[0], vienna.model("Cities"))
    assert isinstance(found[0].updated_at, datetime.datetime)
    page = vienna.call(
        "cities", "list_cities", population="gt.1", order="name", limit=1, select="name", prefer="count=exact"
    )
    assert (page.status_code, page.headers["content-range"]) == (HTTPStatus.PARTIAL_CONTENT, "0-0/2")
    assert [each.to_dict() for each in page.parsed] == [{"name": "Graz"}]
    austria = vienna.call("countries", "get_one_countries", "AT").parsed
    assert (austria.name, austria.first_weekday, austria.weekend) == ("Austria", "monday", ["saturday", "sunday"])
    location = vienna.call("airports", "list_airports", icao="eq.LOWW", select="location").parsed[0].location
    assert (location.type_, location.coordinates) == ("Point", [16.57, 48.11])
    missing = vienna.call("cities", "list_cities", name="like")
    assert (missing.status_code, type(missing.parsed)) == (HTTPStatus.BAD_REQUEST, vienna.model("Error"))


def test_rows_are_inserted_changed_and_deleted(world: Generated) -> None:
    new = world.model("CurrenciesInsert")
    first, second = (
        new(code=code, name=f"The {code}", symbol="Z", decimal_digits=2, in_use=True) for code in ("ZZA", "ZZB")
    )
    assert world.call("currencies", "insert_currencies", body=first).status_code == HTTPStatus.CREATED
    shown = world.call("currencies", "insert_currencies", body=[second], prefer="return=representation")
    assert (shown.status_code, json.loads(shown.content)[0]["name"]) == (HTTPStatus.CREATED, "The ZZB")
    again = world.call("currencies", "insert_currencies", body=first)
    assert (again.status_code, again.parsed.code) == (HTTPStatus.CONFLICT, "23505")

    change = world.model("Currencies")(name="Renamed")
    assert (
        world.call("currencies", "update_currencies", code="eq.ZZA", body=change).status_code == HTTPStatus.NO_CONTENT
    )
    changed = world.call("currencies", "change_one_currencies", "ZZB", body=change, prefer="return=representation")
    assert (changed.parsed.name, changed.parsed.decimal_digits, changed.parsed.in_use) == ("Renamed", 2, True)
    assert world.call("currencies", "put_one_currencies", "ZZB", body=second).status_code == HTTPStatus.NO_CONTENT
    found = world.call("currencies", "list_currencies", code="in.(ZZA,ZZB)", order="code").parsed
    assert [each.name for each in found] == ["Renamed", "The ZZB"]

    deleted = world.call("currencies", "delete_currencies", code="in.(ZZA,ZZB)")
    assert deleted.status_code == HTTPStatus.NO_CONTENT
    assert world.call("currencies", "list_currencies", code="like.ZZ*").parsed == []


def test_routines_are_called(vienna: Generated) -> None:
    places = {"latitude1": 48.2, "longitude1": 16.4, "latitude2": 47.1, "longitude2": 15.4}
    assert round(vienna.call("rpc", "read_distance_km", **places).parsed) == 143
    body = vienna.model("CallCitiesNearBody")(at_latitude=48.2, at_longitude=16.4, radius_km=20.0)
    assert [each["name"] for each in vienna.call("rpc", "call_cities_near", body=body).parsed] == ["Vienna"]


def is_complete(client: Generated) -> None:
    """Every operation has a module that can be imported, and every payload has a model."""
    package = import_module(f"{client.package}.api")
    modules = [each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.") if not each.ispkg]
    for module in modules:
        import_module(module)
    items = client.document["paths"].values()
    assert len(modules) == sum(method != "parameters" for item in items for method in item)
    payloads = [key for key in client.document["components"]["schemas"] if key.endswith(".insert")]
    models = [each for each in import_module(f"{client.package}.models").__all__ if each.endswith("Insert")]
    assert len(models) == len(payloads) > 0


def test_every_operation_and_every_payload_is_generated(world: Generated) -> None:
    is_complete(world)


def test_odd_names_lose_no_operation_and_no_payload(awkward: Generated) -> None:
    is_complete(awkward)


def test_odd_names_and_every_type_are_written_and_read(awkward: Generated) -> None:
    line = awkward.model("OrderLineInsert")(
        order=1,
        lineno="a,b",
        select=2,
        limit=3,
        body="text",
        client=4,
        url="u",
        class_=5,
        from_=datetime.date(2024, 2, 29),
    )
    line.state = awkward.model("OrderLineInsertState").SENT
    assert awkward.call("order_line", "insert_order_line", body=line).status_code == HTTPStatus.CREATED
    change = awkward.model("OrderLine")(url="v")
    awkward.call("order_line", "update_order_line", and_='("select".eq.2,Limit.eq.3)', body=change)
    (found,) = awkward.call("order_line", "list_order_line", class_="eq.5").parsed
    # A change sends no defaults: the state is as it was.
    assert (found.url, found.state, found.from_, found.limit) == ("v", "sent", datetime.date(2024, 2, 29), 3)

    sample = awkward.document["paths"]["/rest/v1/given"]["post"]["requestBody"]["content"]["application/json"][
        "example"
    ]
    given = awkward.model("GivenInsert").from_dict(sample | {"c13": "it's"})
    assert awkward.call("given", "insert_given", body=given).status_code == HTTPStatus.CREATED
    (stored,) = awkward.call("given", "list_given").parsed
    assert stored.to_dict().keys() == awkward.document["components"]["schemas"]["given"]["properties"].keys()
    empty = awkward.model("OptionalInsert").from_dict({"id": 1, "c13": None, "c24": None})
    assert awkward.call("optional", "insert_optional", body=empty).status_code == HTTPStatus.CREATED
    (stored,) = awkward.call("optional", "list_optional").parsed
    assert {value for key, value in stored.to_dict().items() if key != "id"} == {None}

    assert awkward.call("rpc", "read_half_of", in_=5.0).parsed == 2.5
    body = awkward.model("CallSeveralResultsBody").from_dict({"a-b": 6, "marks": ["x"]})
    called = awkward.call("rpc", "call_several_results", body=body).parsed
    assert (called.total, called.marks, called.result[0]["sent"]) == (7, ["x"], 6)
