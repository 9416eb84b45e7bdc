"""A TCP forwarder that delays what passes, as a network does: `python -m bench.forwarder SOCKET DELAY_MS` prints its
port and forwards to a Unix socket until its standard input ends.

It runs as a separate process, so that its work takes no time from the interpreter that is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def forwarding(socket_path: str, round_trip_ms: float) -> Iterator[int]:
    """The port of 127.0.0.1 that reaches a Unix socket, with half of `round_trip_ms` added in each direction."""
    command = [sys.executable, "-m", "bench.forwarder", socket_path, str(round_trip_ms / 2)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)


async def _serve(socket_path: str, delay_seconds: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(socket_path)
        await asyncio.gather(_pass(reader, far_writer, delay_seconds), _pass(far_reader, writer, delay_seconds))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # whatever is still being forwarded


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_seconds: float) -> None:
    """Write what is read, each piece as long after it arrived as the delay says, and in order."""
    loop = asyncio.get_running_loop()
    while piece := await reader.read(1 << 16):
        if delay_seconds:
            loop.call_later(delay_seconds, writer.write, piece)
        else:
            writer.write(piece)
    loop.call_later(delay_seconds, writer.close)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2]) / 1000))
