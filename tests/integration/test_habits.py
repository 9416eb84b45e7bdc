"""What beginners type, and people who know other APIs or SQL: the hint says what to write here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

STATEMENTS = (
    "CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(60) NOT NULL, capital VARCHAR(60), area INT)",
    (
        "CREATE TABLE cities (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, population INT NOT NULL, "
        "country_code CHAR(2) NOT NULL, FOREIGN KEY (country_code) REFERENCES countries (code))"
    ),
    "CREATE TABLE actor (id INT PRIMARY KEY)",
    "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN 2 * n",
    "INSERT INTO countries VALUES ('AT', 'Austria', 'Vienna', 83871), ('AQ', 'Antarctica', NULL, 14000000)",
    "INSERT INTO cities VALUES (1, 'Vienna', 2000000, 'AT'), (2, 'Graz', 300000, 'AT')",
)

HINTS = {
    # a value without an operator, or with another one
    "/cities?name=Vienna": "name=eq.Vienna",
    "/cities?name='Vienna'": "name=eq.Vienna",
    '/cities?name="Vienna"': "name=eq.Vienna",
    "/cities?name=eq:Vienna": "name=eq.Vienna",
    "/cities?name=equals.Vienna": "name=eq.Vienna",
    "/cities?name==Vienna": "name=eq.Vienna",
    "/cities?name=ne.Vienna": "name=neq.Vienna",
    "/cities?name=not.equals.Vienna": "name=not.eq.Vienna",
    "/cities?name=contains.enn": "name=ilike.*enn*",
    "/cities?name=startswith.V": "name=like.V*",
    "/cities?population=>1000": "population=gt.1000",
    "/cities?population=between.1,9": "population=gte.1, and lte.9",
    "/cities?population=eqq.1": "population=eq.1",
    "/cities?population=gt1000000": "population=gt.1000000",
    "/cities?name=!=.Vienna": "name=neq.Vienna",
    "/cities?name=is.Vienna": "eq.Vienna",
    "/cities?name.ilike=V*": "name=ilike.V*",
    "/countries?code=AT,CH": "code=in.(AT,CH)",
    "/countries?code=in.AT,CH": "in.(AT,CH)",
    "/countries?code=in.[AT,CH]": "in.(AT,CH)",
    "/countries?code=in.(AT,CH": "in.(AT,CH)",
    "/countries?code=in('AT','CH')": "in.(AT,CH)",
    "/countries?code[]=AT": "code=in.(AT)",
    "/cities?or=name.eq.Vienna,name.eq.Graz": "or=(name.eq.Vienna,name.eq.Graz)",
    "/cities?or=(name=eq.Vienna,name=not.eq.Graz)": "or=(name.eq.Vienna,name.not.eq.Graz)",
    "/countries?code=nin.AT,CH": "code=not.in.(AT,CH)",
    "/countries?capital=null": "capital=is.null",
    "/countries?capital=is.notnull": "not.is.null",
    "/countries?area=eq.null": "is.null",
    # an operator in the name
    "/cities?population>1000000": "population=gt.1000000",
    "/cities?population>=1000000": "population=gte.1000000",
    "/cities?population<1000": "population=lt.1000",
    "/cities?name!=Vienna": "name=neq.Vienna",
    "/cities?name[eq]=Vienna": "name=eq.Vienna",
    "/cities?population[$gte]=5": "population=gte.5",
    "/cities?population__gt=5": "population=gt.5",
    # other names of parameters
    "/cities?sort=name": "order=name",
    "/cities?sort=-name": "order=name.desc",
    "/cities?order_by=name desc": "order=name.desc",
    "/cities?ordr=name": "the parameter 'order'",
    "/cities?page=2": "limit=10&offset=10",
    "/cities?per_page=20": "limit=20",
    "/cities?skip=5": "offset=5",
    "/cities?fields=name": "select=",
    "/cities?include=countries": "select=",
    "/cities?where=name": "column=operator.value",
    "/cities?q=Vienna": "column=operator.value",
    "/cities?count=true": "count=exact",
    "/cities?distinct=country_code": "select=country_code,count()",
    "/cities?join=countries": "select=",
    "/cities?format=csv": "text/csv",
    "/cities?limit=10,20": "limit=20&offset=10",
    # order and select
    "/cities?order=-name": "order=name.desc",
    "/cities?order=country_code,-name": "order=country_code,name.desc",
    "/cities?order=name desc": "name.desc",
    "/cities?order=name:desc": "order=name.desc",
    "/cities?order=name.DESC": "order=name.desc",
    "/cities?order=id.asc,name.descending": "order=id.asc,name.desc",
    "/cities?order=name,desc": "name.desc",
    "/cities?select=count(*)": "count()",
    "/cities?select=sum(population)": "population.sum()",
    "/cities?select=countries.name": "countries(name)",
    "/cities?select=distinct(name)": "select=name,count()",
    "/cities?select=name as city": "city:name",
    "/cities?select=name,countries[name]": "countries(name)",
    "/cities?select=countries{code,name}": "countries(code,name)",
    "/cities?select=country_code,n:count()&n=gt.5": "count()=gt.",
    "/cities?select=country_code,population.sum()&or=(sum.gt.5,country_code.eq.AT)": "population.sum()=gt.",
    "/cities?select=country_code,n:count()&order=n.desc": "order=count().desc",
    # names
    "/city": "cities",
    "/contries": "countries",
    "/rpc/cities": "/rest/v1/cities",
    "/twice": "/rest/v1/rpc/twice",
}


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[Client]:
    with client_of(server, *STATEMENTS) as client:
        yield client


@pytest.mark.parametrize("address", HINTS)
def test_the_hint_says_what_to_write(world: Client, address: str) -> None:
    answer = world.get(address)
    assert answer.status in (400, 404), answer.body
    assert HINTS[address] in answer.json["hint"]


@pytest.mark.parametrize("address", [each for each, hint in HINTS.items() if "=" in hint and " " not in hint])
def test_what_the_hint_says_is_understood(world: Client, address: str) -> None:
    table, _, _ = address.partition("?")
    suggested = world.get(address).json["hint"].partition("meant ")[2].partition(". ")[0].rstrip(".")
    if "=" in suggested and "the parameter" not in suggested and "," not in suggested.partition("(")[0]:
        assert world.get(f"{table}?{suggested}").status == 200, suggested


def test_names_that_are_nothing_like_a_table_get_no_suggestion(world: Client) -> None:
    assert world.get("/customer").json["hint"] is None


def test_a_comparison_with_the_text_null_answers_with_a_warning(world: Client) -> None:
    answer = world.get("/countries?capital=eq.null")
    assert (answer.status, answer.json) == (200, [])
    assert "is.null" in answer.headers["Warning"]
    assert "Warning" not in world.get("/countries?capital=is.null").headers


@pytest.mark.parametrize("value", ["eq.'Austria'", 'neq."Austria"', "in.('Austria','Chad')", "like.'A*'"])
def test_a_comparison_with_quotes_answers_with_a_warning(world: Client, value: str) -> None:
    assert "quotes" in world.get(f"/countries?name={value}").headers["Warning"]


@pytest.mark.parametrize("value", ["eq.O'Higgins", 'in.("Austria","Chad")', "eq.'", "imatch.'a'"])
def test_other_quotes_need_no_warning(world: Client, value: str) -> None:
    assert "Warning" not in world.get(f"/countries?name={value}").headers


def test_a_write_that_names_no_rows_says_how_to_name_them(world: Client) -> None:
    for method in ("PATCH", "DELETE"):
        hint = world.send(method, "/countries", {"name": "x"} if method == "PATCH" else None).json["hint"]
        assert "?code=eq.value" in hint
        assert "?code=not.is.null" in hint
    assert world.send("PUT", "/countries", {"code": "AT"}).json["hint"] == "Address the row by its key: ?code=eq.value"


def test_json_that_curl_sends_as_a_form_is_refused_with_the_header_to_send(world: Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for address, body in (
        ("/cities", b'{"name": "Linz"}'),
        ("/cities", b' [{"name": "Linz"}]'),
        ("/rpc/x", b'{"a": 1}'),
    ):
        answer = world.request("POST", address, form, body)
        assert (answer.status, answer.json["code"]) == (400, "PGRST102")
        assert "Content-Type: application/json" in answer.json["hint"]
    assert world.request("POST", "/cities", form, b"name=Linz&population=1&country_code=AT").status == 201
    assert world.request("DELETE", "/cities?name=eq.Linz").status == 204
