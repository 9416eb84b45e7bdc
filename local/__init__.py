"""`make serve` and the other programs that run on this machine: servers, sample data, tokens, types."""

import api  # noqa: F401 - ends a program with one line if Python is too old
