"""`make mutants`: faults put into the application one at a time, to see whether the tests notice them."""

import api  # noqa: F401 - ends a program with one line if Python is too old
