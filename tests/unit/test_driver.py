"""The driver's reader of packets: whatever pieces they arrive in, the payloads are those that were sent."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.database.driver import DriverConnection, ResultTooLarge

END = b"\xfe\0\0\2\0"


class _Pieces(io.RawIOBase):
    """A socket whose data arrive in these pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._pieces:
            return 0
        piece = self._pieces.pop(0)
        taken = piece[: len(buffer)]
        if len(taken) < len(piece):
            self._pieces.insert(0, piece[len(taken) :])
        buffer[: len(taken)] = taken
        return len(taken)


def _packets(payloads: Sequence[bytes], first: int = 0) -> bytes:
    return b"".join(
        len(payload).to_bytes(3, "little") + bytes([(first + number) % 256]) + payload
        for number, payload in enumerate(payloads)
    )


def _connection(pieces: Iterable[bytes], first: int = 0, buffer: int = 64) -> Any:
    connection: Any = DriverConnection.__new__(DriverConnection)
    connection._rfile = io.BufferedReader(_Pieces(pieces), buffer)
    connection._next_seq_id = first
    connection._sock = None
    return connection


def _read_to_end(connection: Any) -> list[bytes]:
    found: list[bytes] = []
    while not found or found[-1] != END:
        found.extend(connection.read_payloads())
    return found


rows = st.lists(st.binary(min_size=1, max_size=90).filter(lambda row: row[0] < 0xFE), max_size=300)


@given(rows, st.integers(0, 255), st.lists(st.integers(1, 70), min_size=1), st.sampled_from([16, 64, 65_536]))
def test_packets_are_read_whatever_pieces_they_arrive_in(
    sent: list[bytes], first: int, sizes: list[int], buffer: int
) -> None:
    data = _packets([*sent, END, b"the next result"], first)
    pieces, start, number = [], 0, 0
    while start < len(data):
        size = sizes[number % len(sizes)]
        pieces.append(data[start : start + size])
        start, number = start + size, number + 1
    connection = _connection(pieces, first, buffer)
    assert _read_to_end(connection) == [*sent, END]
    assert connection.read_payload() == b"the next result"


@pytest.mark.parametrize("cut", [2, 4, 7])
def test_packets_that_end_early_are_a_lost_connection(cut: int) -> None:
    connection = _connection([_packets([b"a row"])[:cut]])
    with pytest.raises(pymysql.OperationalError, match=r"2013.*ended early"):
        connection.read_payloads()


def test_a_packet_out_of_order_is_a_lost_connection() -> None:
    connection = _connection([_packets([b"one"], 0) + _packets([b"three"], 2)])
    assert connection.read_payloads() == [b"one"]
    with pytest.raises(pymysql.OperationalError, match="2013"):
        connection.read_payloads()


@pytest.mark.parametrize("room,fitting", [(0, 7), (109, 7), (110, 8), (219, 8), (220, 9), (329, 9)])
def test_too_large_a_result_says_how_many_rows_fitted(room: int, fitting: int) -> None:
    connection = _connection([])
    connection.room = room
    with pytest.raises(ResultTooLarge) as raised:
        connection.take_room([b"x" * 10] * 3, 7)
    assert raised.value.rows == fitting


def test_a_result_that_fits_takes_its_room() -> None:
    connection = _connection([])
    connection.room = 330
    connection.take_room([b"x" * 10] * 3, 7)
    assert connection.room == 0
