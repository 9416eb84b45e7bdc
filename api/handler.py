"""The Lambda function's entry point: `api.handler.handler` takes an HTTP API event (payload 2.0) and gives its answer.

What is made here lives as long as the execution environment, so one connection and one catalog serve all its requests.
Nothing connects yet: what SnapStart stores has no connection, no token and no credentials in it. Mangum would run
start-up and shutdown for every event, and the application has neither, so its lifespan is off.
"""

from __future__ import annotations

import logging
import os

from mangum import Mangum

from api.app import create_app
from api.database import Database
from api.settings import Settings

settings = Settings.from_environment(os.environ)
# The records become JSON by Lambda's own formatter (the function's logging configuration).
logging.getLogger("aurorest").setLevel(settings.log_level)

app = create_app(settings, Database(settings))
handler = Mangum(app, lifespan="off")
