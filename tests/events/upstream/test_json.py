"""The fast decoder against Python's: the same values of the same types, and the same errors."""

from __future__ import annotations

import json
import random
import struct
from typing import Any

import pytest

from events.upstream.json import json_loads

ODD = (
    b"12345678901234567890123", b"-12345678901234567890", b"1e400", b"-0", b"-0.0", b"NaN", b"-Infinity", b"1E5", b"01",
    b"0.1e-320", b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\u0000"', b'{"a":1,"a":2}', b"  [1]\n", b"[1] x", b"[1,]",
    b'"a\tb"', b'"\x00"', b"", b" ", b"{", b'{"a"', b"nul", b"[" * 100_000, b"9" * 400, b"[" + b"9" * 5000 + b"]",
    b"\xef\xbb\xbf{}", "\"€ \u2028\"".encode(), b"'a'", b"<html></html>",
)  # fmt: skip


def outcome(decode: Any, text: bytes) -> tuple[str, str]:
    try:
        value = decode(text)
    except (ValueError, RecursionError) as error:
        return type(error).__name__, str(error)
    return type(value).__name__, repr(value)


@pytest.mark.parametrize("text", ODD, ids=[str(text[:20]) for text in ODD])
def test_what_is_odd_is_taken_and_refused_as_python_does(text: bytes) -> None:
    assert outcome(json_loads, text) == outcome(lambda body: json.loads(body.decode("utf-8-sig")), text)


@pytest.mark.parametrize("text", [b'"\xff"', b'{"a": "\xc3"}', b"\xff\xfe[]", b'["\xed\xa0\x80"]'])
def test_what_is_not_utf_8_is_said_to_be_that(text: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        json_loads(text)


def test_every_number_is_the_float_that_python_reads() -> None:
    chance = random.Random(7)
    floats = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(20_000)]
    text = "[" + ",".join(repr(value) for value in floats if value - value == 0) + "]"
    assert [value.hex() for value in json_loads(text.encode())] == [value.hex() for value in json.loads(text)]
    prices = [f"{chance.randrange(10**12)}.{chance.randrange(10**18):018d}" for _ in range(20_000)]
    assert json_loads(f"[{','.join(prices)}]") == [float(price) for price in prices]


def test_a_constant_is_handed_to_whoever_asks() -> None:
    assert json_loads(b"[NaN, 1]", parse_constant=str) == ["NaN", 1]
