"""Every pattern of the parser is linear in its input, and a megabyte of hostile text is read within a second."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from benchmarks.announcements.labelled import DEVELOPMENT, of_project
from benchmarks.announcements.score import score
from exchanges.announcements.reader import read_parts
from markets.symbols import SymbolSplitter
from tests.exchanges.announcements.quality.hostile import attacks, only_anchored, patterns

# At this length a quadratic pattern takes more than `SUSPICIOUS`, and so do some long tables.
FIRST, SUSPICIOUS = 4_000, 0.008
LENGTHS = (20_000, 40_000)
# Twice the input may take so many times the time; four times would be quadratic.
MOST = 3.0


def seconds(pattern: re.Pattern[str], text: str, anchored: bool) -> float:
    began = time.thread_time()
    if anchored:
        pattern.match(text)
        pattern.fullmatch(text)
    else:
        for _ in pattern.finditer(text):
            pass
    return time.thread_time() - began


def repeated(attack: tuple[str, str, str], length: int) -> str:
    begin, piece, end = attack
    return begin + piece * (length // len(piece)) + end


def slow_on(pattern: re.Pattern[str], anchored: bool = False) -> list[str]:
    """The attacks on which twice the input takes much more than twice the time."""
    found = []
    for attack in attacks(pattern):
        if seconds(pattern, repeated(attack, FIRST), anchored) < SUSPICIOUS:
            continue
        short, long = (
            min(seconds(pattern, repeated(attack, length), anchored) for _ in range(2)) for length in LENGTHS
        )
        if long > MOST * short:
            found.append(f"{attack!r}: {short:.3f} s, then {long:.3f} s")
            break
    return found


@pytest.mark.long
def test_every_pattern_is_linear() -> None:
    # Tables of words are compiled when a language is first read.
    score("warm", of_project(DEVELOPMENT)[::3])
    anchored, found = only_anchored(), patterns()
    assert len(found) > 300
    assert {name: slow for name, one in found.items() if (slow := slow_on(one, name in anchored))} == {}


@pytest.mark.parametrize(
    ("text", "linear"),
    [
        (r"\s+$", False),
        (r"a*b", False),
        (r"(?:a+)+!", None),
        (r"(?:\w+\s?)*:", None),
        (r".*x.*y", False),
        (r"\bfoo\b.{0,80}\bbar\b", True),
        (r"(?<!\s)\s+$", True),
        (r"[A-Z]{2,20}/[A-Z]{2,20}", True),
    ],
)
def test_the_check_can_fail(text: str, linear: bool | None) -> None:
    if linear is None:
        # Exponential: it would not end. It is enough that the attack is found.
        assert any(piece.strip("\x00") in ("a", "a ") for _, piece, _ in attacks(re.compile(text)))
    else:
        assert (slow_on(re.compile(text)) == []) == linear


HOSTILE: dict[str, Callable[[int], str]] = {
    "pairs": lambda size: "<p>" + "AAA/USDT, " * (size // 10),
    "sentences": lambda size: "Trading in AAA/USDT ends at 08:00 UTC on 14 May 2026. " * (size // 54),
    "one sentence": lambda size: "the delisting of the token and the deposits " * (size // 44),
    "dates": lambda size: "2026-05-14 08:00 (UTC) " * (size // 23),
    "day and month": lambda size: "05/06/2026 " * (size // 11),
    "brackets": lambda size: "(A) " * (size // 4),
    "open brackets": lambda size: "(" * size,
    "blanks": lambda size: " " * size,
    "capitals": lambda size: "A" * size,
    "digits": lambda size: "1" * size,
    "tags": lambda size: "<b>A</b>" * (size // 8),
    "open tags": lambda size: "<div>" * (size // 5),
    "angles": lambda size: "<" * size,
    "a table": lambda size: "<table>" + "<tr><td>AAA/USDT</td><td>2026-05-14 08:00</td></tr>" * (size // 51),
    "cells": lambda size: "<table><tr>" + "<td>A</td>" * (size // 10),
    "Markdown": lambda size: "| A | B |\n|---|---|\n" * (size // 20),
    "list": lambda size: "- AAA will be removed\n" * (size // 22),
    "links": lambda size: "[AAA](https://a.b) " * (size // 19),
    "entities": lambda size: "&amp;" * (size // 5),
    "Chinese": lambda size: "我們將下架AAA/USDT交易對，" * (size // 18),
    "Korean": lambda size: "거래지원 종료 AAA, " * (size // 13),
    "Russian": lambda size: "делистинг AAA и приостановка вывода " * (size // 36),
    "negation": lambda size: "neither deposits nor withdrawals will not be " * (size // 45),
    "zero width": lambda size: "A\u200b\u00ad" * (size // 3),
    "full width": lambda size: "ＡＢＣ１２３" * (size // 6),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_hostile_text_is_read_within_a_second(name: str) -> None:
    splitter = SymbolSplitter()
    spent = []
    for size in (500_000, 1_000_000):
        text = HOSTILE[name](size)
        best = 1e9
        for _ in range(2):
            began = time.thread_time()
            read_parts("foo", "Foo will delist AAA", text, None, splitter)
            best = min(best, time.thread_time() - began)
        spent.append(best)
    # A busy machine is slower.
    assert spent[1] < 2
    assert spent[1] < 0.2 or spent[1] < MOST * spent[0]
