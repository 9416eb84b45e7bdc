"""The API that the Lambda function serves: a request becomes a plan, a plan becomes SQL, rows become an answer."""

import sys

OLDEST_PYTHON = (3, 11)

# Every program imports this package first: an old Python could not even parse the others.
if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        f"Aurorest needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer; "
        f"{sys.executable} is {sys.version.split()[0]}. Choose another one, as in: make setup PYTHON=python3.13"
    )
