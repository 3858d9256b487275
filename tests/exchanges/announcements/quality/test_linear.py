"""Every pattern of the parser is linear in its input, and a megabyte of hostile text is read within a second."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from functools import cache

import pytest

from benchmarks.announcements.labelled import development_sets
from benchmarks.announcements.score import score
from exchanges.announcements.reader import read_parts
from markets.symbols import SymbolSplitter
from tests.exchanges.announcements.quality.hostile import attacks, only_anchored, patterns

# At this length a quadratic pattern takes more than `suspicious()`, and so do some long tables of words.
FIRST, SUSPICIOUS = 2_000, 0.003
# Twice the input may take so many times the time; four times would be quadratic.
MOST = 3.0
# These get text as it came; what is not linear in them is a fault.
RAW = ("text.markup", "text.markdown", "text.normalise", "text.blocks", "text.writer")
# All others get single blanks, and no longer text than these characters. There, what is not linear must be quick.
LONGEST = {
    "explain": 60,
    "text.article": 80,
    r"extraction.status:re.search \w+-margined": 600,
    "classification": 600,
    "extraction.titles": 600,
    "": 3_000,
}
# `markup` ends a comment that nothing ends before it looks for one.
NEVER_SEEN = {"text.markup:_TOKEN": "<!--"}
QUICK = 0.02
ANCHORED = re.compile(r":re\.(?:full)?match ")
PATIENCE = 0.5
LENGTHS = (20_000, 40_000)
MEGABYTE = 1_000_000
# A busy machine is twice as slow.
BUSY = 2.0


class TooLong(BaseException):
    """Raised by the timer: a pattern that is far from linear would not come back."""


def seconds_of(work: Callable[[], object], patience: float) -> float:
    """Of the processor; `patience` where it takes longer."""

    def stop(*_: object) -> None:
        raise TooLong

    previous = signal.signal(signal.SIGVTALRM, stop)
    began = time.thread_time()
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, patience)
        work()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return time.thread_time() - began
    except TooLong:
        return patience
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def seconds(pattern: re.Pattern[str], text: str, anchored: bool) -> float:
    def run() -> None:
        if anchored:
            pattern.match(text)
            pattern.fullmatch(text)
        else:
            for _ in pattern.finditer(text):
                pass

    return seconds_of(run, PATIENCE)


@cache
def suspicious() -> float:
    """Half of what the plainest quadratic pattern takes on this machine, which may be a fast one."""
    plain = min(seconds(re.compile("a*b"), "a" * FIRST, False) for _ in range(5))
    return min(SUSPICIOUS, plain / 2)


def repeated(attack: tuple[str, str, str], length: int) -> str:
    begin, piece, end = attack
    return begin + piece * (length // len(piece)) + end


def slow_on(pattern: re.Pattern[str], name: str = "", anchored: bool = False) -> list[str]:
    """The first attack on which twice the input takes much more than twice the time; none where that cannot matter."""
    raw = name.startswith(RAW) or not name

    def spent(attack: tuple[str, str, str], length: int) -> float:
        text = repeated(attack, length)
        return seconds(pattern, text if raw else " ".join(text.split()), anchored)

    longest = next(length for module, length in LONGEST.items() if name.startswith(module))
    # Raw text may be long, so that a small constant matters.
    first = 2 * FIRST if raw else FIRST
    for attack in attacks(pattern):
        if name in NEVER_SEEN and attack[1].startswith(NEVER_SEEN[name]):
            continue
        # First of all, as most patterns are quick: the others are measured four times.
        if not raw and spent(attack, longest) <= QUICK:
            continue
        if (short := spent(attack, first)) < suspicious() * first / FIRST:
            continue
        long = spent(attack, 2 * first)
        if long <= MOST * short and long < PATIENCE:
            # A table of words: slow, and it may still be linear. So it must be with much more text.
            short, long = (spent(attack, length) for length in LENGTHS)
        if long > MOST * short or long >= PATIENCE:
            return [f"{attack!r}: {short:.3f} s, then {long:.3f} s; {pattern.pattern[:200]}"]
    return []


@pytest.fixture(scope="module")
def found() -> dict[str, re.Pattern[str]]:
    # Tables of words are compiled when a language is first read.
    score("warm", [row for rows in development_sets().values() for row in rows][::8])
    return patterns()


def test_every_pattern_is_linear(found: dict[str, re.Pattern[str]]) -> None:
    anchored = only_anchored()
    # Fewer would mean that some are not found: there were 879 when this was written.
    assert len(found) > 700
    slow = {}
    for name in sorted(found):
        if attack := slow_on(found[name], name, name in anchored or ANCHORED.search(name) is not None):
            slow[name] = attack
    assert slow == {}


@pytest.mark.parametrize(
    ("text", "linear"),
    [
        (r"\s+$", False),
        (r"a*b", False),
        (r"(?:a+)+!", None),
        (r"(?:\w+\s?)*:", None),
        (r"\w+-margined", False),
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
    "nested definitions": lambda size: "<dl>" * (size // 30) + "<p>A</p>" * 2_400 + "</dl>" * (size // 30),
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
    "headings": lambda size: "# a #####################\n" * (size // 25),
    "an endless heading": lambda size: "# a " + "#" * size + "x",
    "a long word and a date": lambda size: ("prohibita" * 320 + " at 08:00 UTC on 14 May 2026. ") * (size // 2910),
    "stems and a date": lambda size: ("Trading " + "discontinua " * 240 + "on 14 May 2026. ") * (size // 2910),
    "a long withdrawal": lambda size: ("Withdraw" + "a" * 2880 + " on 14 May 2026. ") * (size // 2905),
    "long withdrawals": lambda size: ("Withdraw" + "a" * 380 + " on 14 May 2026. ") * (size // 405),
    "a border": lambda size: "| A | B |\n|--" + " " * size + "x",
    "an indented border": lambda size: "| A | B |\n" + " " * size + "x --",
    "styles": lambda size: "<p>" + '<style = "a"' * (size // 12) + "'>",
    "full width": lambda size: "ＡＢＣ１２３" * (size // 6),
}  # fmt: skip


# Some of them in every run; all of them take fifteen seconds.
EACH = [pytest.param(name, marks=[pytest.mark.long] if at % 8 else []) for at, name in enumerate(HOSTILE)]


@pytest.mark.parametrize("name", EACH)
def test_a_megabyte_of_hostile_text_is_read_within_a_second(found: dict[str, re.Pattern[str]], name: str) -> None:
    splitter, text = SymbolSplitter(), HOSTILE[name](MEGABYTE)
    # A fault ends the test and not the day.
    assert seconds_of(lambda: read_parts("foo", "Foo will delist AAA", text, None, splitter), BUSY) < BUSY
