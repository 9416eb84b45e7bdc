"""Many execution environments over few database connections: `python -m tests.load --help`."""

import api  # noqa: F401 - ends a program with one line if Python is too old
