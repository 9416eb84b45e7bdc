"""Benchmarks: the API compared with the bare driver, measured alternately within one run."""

import api  # noqa: F401 - ends a program with one line if Python is too old
