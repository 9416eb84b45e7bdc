"""The stack, built at deploy time. It shares the names of the environment variables with `api`, and no other code."""

import api  # noqa: F401 - ends a program with one line if Python is too old
