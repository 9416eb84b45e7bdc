"""The bundle as Lambda runs it: unpacked into an empty folder, with AWS's runtime client, over TLS and with a token that
is checked."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bundle import BundleOptions, build_bundle
from local.server import Server
from tests.certificates import Authority
from tests.e2e.runtime import Function, FunctionError, code_only, running, unpack
from tests.standin.credentials import container_credentials
from tests.standin.faults import Fault
from tests.standin.session import StandIn, stand_in
from tests.standin.token import Verifier

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "tests" / "events"
RUNNING_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
MOST_IMPORT_COST = 1.1
VERIFIER = Verifier("db.test:3306", "eu-central-1", "ASIACONTAINER", "container/secret", "container+token")

SCHEMA = (
    "CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL, price DECIMAL(8,2), note TEXT)",
    "CREATE TABLE `price list` (code VARCHAR(10), day DATE, price DECIMAL(8,2), PRIMARY KEY (code, day))",
)
ROWS = (
    "TRUNCATE item",
    "INSERT INTO item VALUES (1, 'café & crème, 100%', 1.50, REPEAT('a long note ', 500))",
    "INSERT INTO item VALUES (2, 'two', 2.00, NULL), (3, 'three', 3.25, '')",
    "TRUNCATE `price list`",
    "INSERT INTO `price list` VALUES ('café', '2024-01-02', 9.99)",
)


@pytest.fixture(scope="module")
def bundle() -> Path:
    return build_bundle(BundleOptions(ROOT, ROOT / "build", RUNNING_VERSION, "x86_64"))


@pytest.fixture(scope="module")
def task(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(bundle, tmp_path_factory.mktemp("lambda") / "task")


@pytest.fixture(scope="module")
def proxied(mysql_server: Server, authority: Authority) -> Iterator[StandIn]:
    with stand_in(mysql_server, authority.issue("localhost")) as found:
        yield found


@pytest.fixture(scope="module")
def tables(mysql_server: Server) -> Iterator[str]:
    with mysql_server.temporary_database() as name:
        mysql_server.execute(*SCHEMA, database=name)
        yield name


@pytest.fixture
def shop(mysql_server: Server, tables: str) -> str:
    """The name of the database, its tables filled for this test."""
    mysql_server.execute(*ROWS, database=tables)
    return tables


@pytest.fixture(scope="module")
def warm(task: Path, proxied: StandIn, tables: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    scratch = tmp_path_factory.mktemp("function")
    environment = proxied.environment(tables) | {"AUROREST_BROWSE": "true"}
    with running(task, "api.handler.handler", environment, scratch) as found:
        yield found


@pytest.fixture
def function(warm: Function, proxied: StandIn, shop: str) -> Function:
    """A running function over the filled tables; the stand-in has recorded nothing yet."""
    proxied.proxy.forget()
    return warm


def event(name: str) -> dict[str, Any]:
    loaded = json.loads((EVENTS / f"{name}.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def body_of(answer: dict[str, Any]) -> Any:
    raw = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    if answer["headers"].get("content-encoding") == "gzip":
        raw = gzip.decompress(raw)
    return json.loads(raw) if raw else None


class TestEvents:
    """Recorded events of an HTTP API (payload 2.0)."""

    def test_health(self, function: Function) -> None:
        answer = function.invoke(event("health"))
        assert answer["statusCode"] == 200

    def test_ready(self, function: Function, proxied: StandIn) -> None:
        answer = function.invoke(event("ready"))
        assert answer["statusCode"] == 200
        assert "SELECT 1" in proxied.proxy.texts

    def test_tables(self, function: Function) -> None:
        answer = function.invoke(event("tables"))
        assert [table["name"] for table in body_of(answer)] == ["item", "price list"]

    def test_one_table(self, function: Function) -> None:
        answer = function.invoke(event("table"))
        assert [column["name"] for column in body_of(answer)["columns"]] == ["id", "name", "price", "note"]

    def test_a_page_of_a_list_is_partial_content(self, function: Function) -> None:
        answer = function.invoke(event("list"))
        assert answer["statusCode"] == 206
        assert answer["headers"]["content-type"].startswith("application/json")
        assert answer["headers"]["content-range"] == "0-1/3"
        assert answer["isBase64Encoded"] is False
        assert answer["body"] == '[{"id":3,"name":"three","price":3.25},{"id":2,"name":"two","price":2.00}]'

    def test_a_compressed_answer_is_base64(self, function: Function) -> None:
        answer = function.invoke(event("list_gzip"))
        assert answer["headers"]["content-encoding"] == "gzip"
        assert answer["isBase64Encoded"] is True
        assert body_of(answer) == [{"note": "a long note " * 500}]

    def test_a_percent_encoded_filter_is_decoded(self, function: Function) -> None:
        assert body_of(function.invoke(event("filter_encoded"))) == [{"id": 1}]

    def test_one_row_is_read_by_its_key(self, function: Function) -> None:
        answer = function.invoke(event("row"))
        assert (answer["statusCode"], body_of(answer)) == (200, {"id": 2, "name": "two", "price": 2.0, "note": None})

    def test_one_row_is_read_by_a_composite_key_of_an_oddly_named_table(self, function: Function) -> None:
        answer = function.invoke(event("row_composite_key"))
        assert body_of(answer) == {"code": "café", "day": "2024-01-02", "price": 9.99}

    def test_a_missing_row_is_a_404(self, function: Function) -> None:
        assert function.invoke(event("row_absent"))["statusCode"] == 404

    def test_head_has_no_body(self, function: Function) -> None:
        answer = function.invoke(event("head"))
        assert (answer["statusCode"], answer["body"]) == (200, "")
        assert answer["headers"]["content-range"] == "0-2/*"

    def test_an_insert_returns_its_row(self, function: Function) -> None:
        answer = function.invoke(event("insert"))
        assert answer["statusCode"] == 201
        assert body_of(answer) == [{"id": 4, "name": "Ünïcode 😀", "price": 12.3, "note": None}]

    def test_a_base64_body_is_decoded(self, function: Function) -> None:
        answer = function.invoke(event("insert_csv_base64"))
        assert answer["statusCode"] == 201
        assert body_of(answer) == [{"id": 4, "name": "from a file", "price": 0.01, "note": None}]

    def test_an_update_returns_its_row(self, function: Function) -> None:
        answer = function.invoke(event("update"))
        assert (answer["statusCode"], body_of(answer)[0]["price"]) == (200, 2.5)

    def test_a_delete_has_no_content(self, function: Function) -> None:
        answer = function.invoke(event("delete"))
        assert (answer["statusCode"], answer["body"]) == (204, "")

    @pytest.mark.parametrize(
        "path,content",
        [
            ("/", "/rest/v1"),
            ("/docs", "swagger-ui"),
            ("/docs/swagger-ui-bundle.js", "SwaggerUIBundle"),
            ("/openapi.json", '"openapi":"3.1'),
            ("/openapi.json?version=3.0", '"openapi":"3.0'),
            ("/rest/v1/", '"swagger":"2.0"'),
            ("/browse", "<!doctype html>"),
            ("/browse/browse.js", "function"),
        ],
    )
    def test_a_document_is_returned(self, function: Function, path: str, content: str) -> None:
        sent = event("list")
        sent["rawPath"], _, sent["rawQueryString"] = path.partition("?")
        sent["requestContext"]["http"]["path"] = sent["rawPath"]
        answer = function.invoke(sent)
        assert answer["statusCode"] == 200
        assert content in answer["body"]

    @pytest.mark.parametrize(
        "name,status,code",
        [
            ("delete_without_filter", 400, "21000"),
            ("bad_value", 400, "22P02"),
            ("bad_body", 400, "PGRST102"),
            ("unknown_table", 404, "PGRST205"),
            ("unknown_path", 404, "PGRST125"),
        ],
    )
    def test_a_bad_request_is_refused(self, function: Function, name: str, status: int, code: str) -> None:
        answer = function.invoke(event(name))
        assert (answer["statusCode"], body_of(answer)["code"]) == (status, code)

    def test_a_preflight_is_answered(self, function: Function) -> None:
        answer = function.invoke(event("preflight"))
        assert answer["statusCode"] == 200
        assert answer["headers"]["access-control-allow-origin"] in ("*", "https://app.example.org")

    def test_one_connection_serves_every_event_and_nothing_pins_it(
        self, task: Path, proxied: StandIn, shop: str, tmp_path: Path
    ) -> None:
        proxied.proxy.forget()
        with running(task, "api.handler.handler", proxied.environment(shop), tmp_path) as function:
            for path in sorted(EVENTS.glob("*.json")):
                assert function.invoke(event(path.stem))["statusCode"] < 500, path.name
            assert function.process.poll() is None
        assert len(proxied.proxy.logins) == 1
        assert proxied.proxy.refusals == []
        assert proxied.proxy.pinning == []

    def test_a_connection_that_the_proxy_closed_is_replaced(self, function: Function, proxied: StandIn) -> None:
        assert function.invoke(event("row"))["statusCode"] == 200
        proxied.proxy.forget()
        proxied.proxy.disconnect_all()
        assert function.invoke(event("row"))["statusCode"] == 200
        assert len(proxied.proxy.logins) == 1

    def test_every_line_of_the_log_is_json(self, function: Function, proxied: StandIn) -> None:
        assert function.invoke(event("row"))["statusCode"] == 200
        proxied.proxy.inject(Fault("before", error=(1815, "HY000", "an internal detail")))
        assert function.invoke(event("row"))["statusCode"] == 500
        assert any("an internal detail" in record["message"] for record in function.log)

    def test_nothing_is_written_to_the_code_folder(self, function: Function, bundle: Path, task: Path) -> None:
        function.invoke(event("row"))
        with zipfile.ZipFile(bundle) as archive:
            packed = set(archive.namelist())
        assert {path.relative_to(task).as_posix() for path in task.rglob("*") if path.is_file()} == packed


class TestTrust:
    def test_a_self_signed_server_is_refused_before_the_token_is_sent(
        self, task: Path, proxied: StandIn, shop: str, tmp_path: Path
    ) -> None:
        environment = {**proxied.environment(shop), "AUROREST_TLS_CA": ""}
        self.unreachable(task, environment, tmp_path, proxied)

    def test_a_server_with_another_name_is_refused_before_the_token_is_sent(
        self, task: Path, mysql_server: Server, authority: Authority, shop: str, tmp_path: Path
    ) -> None:
        with stand_in(mysql_server, authority.issue("other.test")) as elsewhere:
            self.unreachable(task, elsewhere.environment(shop), tmp_path, elsewhere)

    @staticmethod
    def unreachable(task: Path, environment: dict[str, str], scratch: Path, proxied: StandIn) -> None:
        before = len(proxied.proxy.logins)
        with running(task, "api.handler.handler", environment, scratch) as function:
            answer = function.invoke(event("row"))
        assert (answer["statusCode"], body_of(answer)["code"]) == (503, "08006")
        assert answer["headers"]["retry-after"]
        assert len(proxied.proxy.logins) == before
        assert proxied.proxy.refusals == []
        assert any("CERTIFICATE_VERIFY_FAILED" in json.dumps(record) for record in function.log)

    def test_every_failure_names_a_missing_setting(self, task: Path, tmp_path: Path) -> None:
        with (
            running(task, "api.handler.handler", {"AWS_REGION": "eu-central-1"}, tmp_path) as function,
            pytest.raises(FunctionError, match="AUROREST_DATABASE_HOST"),
        ):
            function.invoke(event("health"))


class TestImports:
    def test_importing_the_handler_costs_little_more_than_its_libraries(self, task: Path) -> None:
        libraries = _calls_of_import(task, "import fastapi, mangum, pymysql")
        assert libraries > 100_000
        assert _calls_of_import(task, "import api.handler") <= MOST_IMPORT_COST * libraries

    @pytest.mark.parametrize(
        "environment,is_imported",
        [
            ({"AUROREST_DATABASE_URL": "mysql://me:secret@localhost/shop"}, False),
            (
                {
                    "AUROREST_DATABASE_HOST": "db.test",
                    "AUROREST_DATABASE_USER": "me",
                    "AUROREST_DATABASE_NAME": "shop",
                    "AWS_REGION": "eu-central-1",
                },
                True,
            ),
        ],
    )
    def test_what_signs_tokens_is_imported_at_the_start_where_they_are_needed(
        self, task: Path, environment: dict[str, str], is_imported: bool
    ) -> None:
        code = "import api.handler; loaded = {*sys.modules}; from botocore import auth, credentials, exceptions; "
        imported = _run(task, code + "print(len({*sys.modules} - loaded))", environment)
        assert (int(imported) == 0) == is_imported


class TestCredentials:
    def test_a_function_restored_by_snapstart_signs_with_the_container_endpoints_credentials(self, task: Path) -> None:
        with container_credentials() as environment:
            code = "from api.database.token import authentication_token as t; print(t('db.test', 3306, 'eu-central-1', 'app'))"
            token = _run(task, code, environment)
        VERIFIER.check(token, "app")


class TestMigrator:
    def test_it_creates_the_database_and_the_user_of_a_stack(
        self, task: Path, mysql_server: Server, authority: Authority, tmp_path: Path
    ) -> None:
        database, user = f"made_{uuid.uuid4().hex[:8]}", f"u_{uuid.uuid4().hex[:8]}"
        asked = {
            "database": database,
            "authentication": "secret",
            "users": [{"name": user, "access": "read-write", "password": "of the test's user"}],
        }
        try:
            with (
                # its lock, which keeps two migrations apart, pins its session
                stand_in(mysql_server, authority.issue("localhost"), may_pin=True) as proxied,
                running(task, "migrator.handler.handler", proxied.environment(database), tmp_path) as function,
            ):
                answer = function.invoke(asked)
            assert (answer["database"], answer["users"]) == (database, [user])
            with mysql_server.connect(database) as connection, connection.cursor() as cursor:
                cursor.execute("SHOW GRANTS FOR %s@'%%'", (user,))
                assert any(f"`{database}`" in grant.replace("\\", "") for (grant,) in cursor.fetchall())
        finally:
            mysql_server.execute(f"DROP DATABASE IF EXISTS {database}", f"DROP USER IF EXISTS {user}")


def _run(task: Path, code: str, environment: dict[str, str]) -> str:
    """The output of code that runs with only the bundle."""
    command = code_only(task)
    command[-1] += f"; {code}"
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _calls_of_import(task: Path, imports: str) -> int:
    """How often functions are entered and left, which does not depend on the machine and what else runs on it."""
    code = (
        "import sys; from itertools import count; counter = count(); "
        f"sys.setprofile(lambda *_: next(counter)); {imports}; sys.setprofile(None); print(next(counter))"
    )
    return int(_run(task, code, {}))
