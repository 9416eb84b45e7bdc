"""Many execution environments over few database connections: `python -m tests.load --help`."""
