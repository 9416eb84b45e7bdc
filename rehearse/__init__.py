"""A rehearsal of the deployment: the real Pulumi CLI runs the real program against an account that lives in a file."""

import api  # noqa: F401 - ends a program with one line if Python is too old
