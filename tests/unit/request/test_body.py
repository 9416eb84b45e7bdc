"""Bodies: JSON, CSV and forms become rows with exactly the values that were sent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from api.errors import ApiError
from api.request.body import parse_arguments, parse_rows
from api.request.query import Payload


def rows(body: bytes, media: str | None = None) -> Payload:
    return parse_rows(media, body, 100)


def refused(body: bytes, media: str | None = None) -> ApiError:
    with pytest.raises(ApiError) as caught:
        rows(body, media)
    return caught.value


def test_one_object_is_one_row() -> None:
    assert rows(b'{"a":1,"b":[true,null]}') == Payload(({"a": 1, "b": [True, None]},), False, ("a", "b"))


def test_an_array_of_objects_is_rows() -> None:
    assert rows(b'[{"a":1,"b":2},{"b":3,"a":4}]') == Payload(({"a": 1, "b": 2}, {"b": 3, "a": 4}), True, ("a", "b"))


def test_an_empty_array_has_no_rows_and_an_empty_object_no_keys() -> None:
    assert rows(b"[]") == Payload((), True, ())
    assert rows(b"{}") == Payload(({},), False, ())
    assert rows(b"[{}]") == Payload(({},), True, ())


def test_keys_that_differ_between_rows_are_recorded_in_order_of_appearance() -> None:
    payload = rows(b'[{"a":1},{"b":2,"a":3}]')
    assert (payload.uniform, payload.keys) == (False, ("a", "b"))


@pytest.mark.parametrize(
    "text, number",
    [
        ("1.10", Decimal("1.10")),
        ("0.1", Decimal("0.1")),
        ("1e3", Decimal("1e3")),
        ("-0.0", Decimal("-0.0")),
        ("12345678901234567890123456789", 12345678901234567890123456789),
        ("0.12345678901234567890123456789", Decimal("0.12345678901234567890123456789")),
        ("1.7976931348623157e308", Decimal("1.7976931348623157e308")),
    ],
)
def test_numbers_keep_their_digits(text: str, number: int | Decimal) -> None:
    value = rows(b'{"n":' + text.encode() + b"}").rows[0]["n"]
    assert (type(value), str(value)) == (type(number), str(number))


@pytest.mark.parametrize("text", ["1e401", "1e-999999999", "1e99999999999999999999", "-1E+5000", "9" * 5000])
def test_numbers_too_large_for_every_type_are_out_of_range(text: str) -> None:
    assert refused(b'{"n":' + text.encode() + b"}").code == "22003"


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"{", b"[1,", b"nope", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b"{'a':1}", b'{"a":01}',
     b'{"a":1}{"b":2}', b'{"a":"\n"}', b'{"a":"\\ud800"}', b'{"\\udfff":1}', b'[{"a":["\\ud800x"]}]'],
)  # fmt: skip
def test_invalid_json_is_refused(body: bytes) -> None:
    error = refused(body)
    assert (error.status, error.code, error.message) == (400, "PGRST102", "Empty or invalid json")
    assert error.details


@pytest.mark.parametrize(
    "body", [b"1", b'"text"', b"null", b"true", b"1.5", b"[1]", b'[{"a":1},2]', b"[[]]", b"[null]"]
)
def test_json_that_is_not_a_row_is_refused(body: bytes) -> None:
    assert refused(body).code == "PGRST102"


@pytest.mark.parametrize("body", [b"\xff", b'{"a":"\xed\xa0\x80"}', b"\xc3"])
@pytest.mark.parametrize("media", [None, "text/csv", "application/x-www-form-urlencoded"])
def test_bytes_that_are_not_utf_8_are_refused(body: bytes, media: str | None) -> None:
    assert refused(body, media).code == "PGRST102"


def test_escapes_surrogate_pairs_and_nul_are_kept() -> None:
    assert rows(b'{"a":"\\ud83d\\ude00\\u0000\\u00e9"}').rows == ({"a": "😀\0é"},)


def test_a_byte_order_mark_is_ignored() -> None:
    assert rows(b'\xef\xbb\xbf{"a":1}').rows == ({"a": 1},)
    assert rows(b"\xef\xbb\xbfa\n1\n", "text/csv").rows == ({"a": "1"},)


def test_the_last_value_of_a_key_given_twice_is_used() -> None:
    assert rows(b'{"a":1,"a":2}').rows == ({"a": 2},)


@pytest.mark.parametrize("levels", [101, 900, 2000, 200_000])
@pytest.mark.parametrize("opening, closing", [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_nested_deeper_than_mysql_stores_is_refused(levels: int, opening: bytes, closing: bytes) -> None:
    error = refused(b'{"d":' + opening * levels + b"1" + closing * levels + b"}")
    assert (error.code, error.details) == ("PGRST102", "MySQL stores at most 100 levels.")


def test_json_nested_as_deep_as_mysql_stores_is_accepted() -> None:
    assert rows(b'[{"d":' + b"[" * 99 + b"]" * 99 + b"}]").keys == ("d",)


def test_csv_becomes_rows_of_strings_and_null() -> None:
    body = b'id,"my col"\r\n1,"a ""quoted"", line\nbreak"\r\n2,NULL\r\n\r\n3,\r\n'
    assert rows(body, "text/csv; charset=utf-8") == Payload(
        (
            {"id": "1", "my col": 'a "quoted", line\nbreak'},
            {"id": "2", "my col": None},
            {"id": "3", "my col": ""},
        ),
        True,
        ("id", "my col"),
        from_texts=True,
    )


def test_csv_fields_may_be_long_and_contain_nul() -> None:
    long = "x" * 300_000 + "\0"
    assert rows(f"a\n{long}\n".encode(), "text/csv").rows == ({"a": long},)


def test_a_csv_header_alone_has_no_rows() -> None:
    assert rows(b"a,b\n", "text/csv") == Payload((), True, ("a", "b"), from_texts=True)


@pytest.mark.parametrize(
    "body", [b"", b"a,b\n1\n", b"a,b\n1,2,3\n", b"a,a\n1,2\n", b"a,\n1,2\n", b'a\n"x\n', b'a\n"x"y\n']
)
def test_invalid_csv_is_refused(body: bytes) -> None:
    assert refused(body, "text/csv").code == "PGRST102"


def test_csv_lines_of_different_lengths_get_the_error_of_postgrest() -> None:
    error = refused(b"a,b\n1,2\n3\n", "text/csv")
    assert error.message == "All lines must have same number of fields"
    assert error.details == "Row 2 has 1 fields, the header has 2."


def test_a_form_becomes_one_row_of_strings() -> None:
    media = "application/x-www-form-urlencoded"
    assert rows(b"a=1&b=x+y%26&c=", media) == Payload(
        ({"a": "1", "b": "x y&", "c": ""},), False, ("a", "b", "c"), from_texts=True
    )
    assert parse_arguments(media, b"a=1").rows == ({"a": "1"},)
    assert refused(b"a=%FF", media).code == "PGRST102"


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "x"])
def test_another_content_type_is_refused(media: str) -> None:
    assert refused(b"{}", media).message == f"Content-Type not acceptable: {media.partition(';')[0]}"


def test_too_many_rows_are_too_large() -> None:
    assert len(parse_rows(None, b"[{},{}]", 2).rows) == 2
    with pytest.raises(ApiError) as caught:
        parse_rows(None, b"[{},{},{}]", 2)
    assert (caught.value.status, caught.value.code) == (413, "54000")


def test_arguments_are_one_object_or_an_array_of_one_or_absent() -> None:
    assert parse_arguments(None, b'{"x":[1,2]}').rows == ({"x": [1, 2]},)
    assert parse_arguments("text/plain", b" ").rows == ({},)
    assert parse_arguments(None, b'[{"a":1}]').rows == ({"a": 1},)
    for body in (b"[]", b"1", b"{", b"[1]", b'[{"a":1},{"a":2}]'):
        with pytest.raises(ApiError, match="PGRST102"):
            parse_arguments(None, body)
    with pytest.raises(ApiError, match="PGRST102"):
        parse_arguments("text/csv", b"a\n1\n")
