"""The published table of clients: how many of each one's documented calls work, on each server."""

from __future__ import annotations

from collections.abc import Mapping

Results = Mapping[tuple[str, str], Mapping[str, str | None]]
"""By client and call, then by server: what went wrong, or None."""


def render(results: Results, versions: Mapping[str, str], servers: tuple[str, ...]) -> str:
    """The table, in Markdown."""
    lines = [f"| client | version | {' | '.join(servers)} |", f"|---|---|{'---|' * len(servers)}"]
    for client, version in versions.items():
        of_client = [outcome for (name, _), outcome in results.items() if name == client]
        scores = [f"{sum(one[server] is None for one in of_client)} of {len(of_client)}" for server in servers]
        lines.append(f"| {client} | {version} | {' | '.join(scores)} |")
    return "\n".join(lines) + "\n"
