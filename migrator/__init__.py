"""The deploy-time program that creates the database's users and applies `migrations/*.sql`.

It runs as a Lambda function (`migrator.handler`) and on any machine (`python -m migrator`).
"""

import api  # noqa: F401 - ends a program with one line if Python is too old
