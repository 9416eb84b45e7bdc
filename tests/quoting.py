"""Values as the query grammar quotes them, written apart from `api.request.writer`, so that tests compare the two."""


def quoted(text: str) -> str:
    """A value in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
