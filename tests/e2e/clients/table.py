"""The published table: the result of each client's documented calls, on each server."""

from __future__ import annotations

from collections.abc import Mapping

Results = Mapping[tuple[str, str], Mapping[str, str | None]]
"""By client and call, then by server: what went wrong, or None."""

HEAD = """# Conformance

The calls in the documentation of PostgREST's and Supabase's clients, made by the unmodified clients over HTTP against
the application on real servers. Every line is a test (`make test ARGS="tests/e2e/clients"`), and another test checks
that this page matches the run.

What MySQL cannot express gets a specific error instead of a wrong answer. Such lines say so, and pass if the client
gets that error.
"""


def render(results: Results, versions: Mapping[str, str], servers: tuple[str, ...]) -> str:
    """The page."""
    lines = [HEAD, f"| client | version | {' | '.join(servers)} |", f"|---|---|{'---|' * len(servers)}"]
    for client, version in versions.items():
        of_client = [outcome for (name, _), outcome in results.items() if name == client]
        scores = [f"{sum(one[server] is None for one in of_client)} of {len(of_client)}" for server in servers]
        lines.append(f"| {client} | {version} | {' | '.join(scores)} |")
    for client in versions:
        lines += ["", f"## {client}", "", f"| call | {' | '.join(servers)} |", f"|---|{'---|' * len(servers)}"]
        for (name, call), outcome in results.items():
            if name == client:
                told = ["passed" if outcome[server] is None else "FAILED" for server in servers]
                lines.append(f"| {call} | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"
