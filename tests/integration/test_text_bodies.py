"""Bodies of text leave Lambda as they are; in base64 they would exceed the limit that they were checked against."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.handler import make_handler
from api.request.media import OFFERED
from local.server import Server

EVENT = Path(__file__).parents[1] / "events" / "row.json"
CONTEXT = SimpleNamespace(aws_request_id="text", get_remaining_time_in_millis=lambda: 29_000)


@pytest.mark.parametrize("accept", OFFERED)
def test_an_answer_of_every_media_type_is_sent_as_text(server: Server, database: str, accept: str) -> None:
    server.execute(
        "CREATE TABLE place (id INT PRIMARY KEY, name VARCHAR(20), spot POINT NOT NULL)",
        "INSERT INTO place VALUES (1, 'Zürich', POINT(1, 2))",
        database=database,
    )
    handler = make_handler({"AUROREST_DATABASE_URL": server.url(database), "AUROREST_PLAN": "true"})
    event: dict[str, Any] = json.loads(EVENT.read_bytes())
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/rest/v1/place"
    event["headers"]["accept"] = accept
    answer = handler(event, CONTEXT)
    assert answer["statusCode"] == 200, answer
    assert accept in answer["headers"]["content-type"] or "json" in accept
    assert answer["isBase64Encoded"] is False
    assert answer["body"]
