"""Whatever arrives as an article ends as a parsed notice or as `BodyUnreadable`, in a bounded time."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from exchanges.announcements.reader import read, read_parts
from exchanges.announcements.text.blocks import article_text
from exchanges.announcements.types import Article, BodyUnreadable, ParsedNotice
from markets.symbols import SymbolSplitter
from tests.exchanges.samples import CAPTURES, node, tree

SEED = 20_261_121
MUTATIONS = 2_000
NOISE = "\u200b\ufeff\x00\ud7ff\u202e￿Ⓢ💥/()<>{}[]\"'\\&;:%|§\t\n年月日０１"


def _bodies() -> list[tuple[str, Any]]:
    own = [
        (
            "Foo Will Delist AAA, BBB on 2026-01-02",
            "Foo will delist AAA and BBB at 2026-01-02 03:00 (UTC): AAA/USDT and BBB/BTC",
        ),
        (
            "Notice of Removal of Spot Trading Pairs",
            f"<p>We will remove the following pairs at {'1' * 30}</p><ul><li>AAA/BTC</li></ul>",
        ),
        ("Support the Foo (FOO) Network Upgrade", json.dumps(tree(node("p", "Upgrade at 2026-01-02 03:00 (UTC)")))),
    ]
    path = CAPTURES / "labelled_articles.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            own.extend((row["title"], row["body"]) for row in map(json.loads, lines))
    return own


def _mutated(rng: random.Random, title: str, body: Any) -> tuple[Any, Any]:
    kind = rng.randrange(10)
    text = body if isinstance(body, str) else json.dumps(body)
    if kind == 0:
        return title, text[: rng.randrange(len(text) + 1)]
    if kind == 1:
        return title, rng.choice(
            [
                None,
                7,
                1.5,
                True,
                [],
                {},
                [[]],
                {"node": 3},
                {"child": "x"},
                [1, None, {"node": "text"}],
                b"bytes",
                {"a": 1},
            ]
        )
    if kind == 2:
        return "".join(rng.choice(NOISE) if rng.random() < 0.1 else letter for letter in title), text
    if kind == 3:
        place = rng.randrange(len(text) + 1)
        return title, text[:place] + "".join(rng.choices(NOISE, k=200)) + text[place:]
    if kind == 4:
        words = text.split(" ")
        rng.shuffle(words)
        return title, " ".join(words)
    if kind == 5:
        return title, text.replace("(", "").replace(")", "").replace("\n", "")
    if kind == 6:
        return title, _mangled(rng, json.loads(text)) if text.lstrip().startswith("{") else text[::-1]
    if kind == 7:
        digits = str(rng.randrange(10**6))
        return title, "".join(rng.choice(digits) if letter.isdigit() else letter for letter in text)
    if kind == 8:
        return title * rng.randrange(1, 30), text * 3
    return rng.choice(
        ["", " ", "(", "()" * 200, "A" * 5_000, "A, " * 400, "§side§", title.upper(), title.lower()]
    ), text


def _mangled(rng: random.Random, tree: Any) -> Any:
    """A node tree with keys deleted and types exchanged."""
    if isinstance(tree, dict):
        result = {key: _mangled(rng, value) for key, value in tree.items() if rng.random() > 0.05}
        if rng.random() < 0.03:
            result["child"] = rng.choice(["text", 5, {}, None])
        if rng.random() < 0.03:
            result["text"] = rng.choice([5, None, [], {"a": 1}])
        return result
    if isinstance(tree, list):
        return [_mangled(rng, value) for value in tree if rng.random() > 0.05]
    return tree if rng.random() > 0.02 else rng.choice([None, 3, "x" * 100, [], True])


@pytest.mark.long
def test_mutated_articles_give_a_reading_or_say_that_the_body_is_unreadable() -> None:
    rng = random.Random(SEED)
    splitter = SymbolSplitter()
    bodies = _bodies()
    began = time.thread_time()
    readings = refused = 0
    for _ in range(MUTATIONS):
        title, body = _mutated(rng, *rng.choice(bodies))
        released = rng.choice(
            [None, datetime(2026, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
        )
        try:
            notice = read_parts(rng.choice(["binance", "okx", "", "upbit"]), title, body, released, splitter)
        except BodyUnreadable as fault:
            assert "body" in str(fault)
            refused += 1
            continue
        assert isinstance(notice, ParsedNotice)
        assert all(date.at.tzinfo is not None for date in notice.important_dates)
        assert all(token and token == token.upper() for token in notice.tokens)
        readings += 1
    assert readings > MUTATIONS * 0.8
    assert refused > 0
    # Some ten milliseconds each on a slow guest; a mutation that explodes takes more than all the others together.
    assert time.thread_time() - began < MUTATIONS * 0.02


@pytest.mark.parametrize(
    "piece",
    [
        "AAA/USDT, ",
        "will delist ",
        "(A) ",
        "2026-01-02 03:00 (UTC) ",
        "A",
        "( ",
        " and ",
        "the Foo Bar Baz ",
        "<div><p>",
        "1:1 ",
        "deposits and withdrawals will be ",
        "x. Y",
        '{"node":"element","child":[',
        "USDT",
        "\n",
        "A, B & C ",
    ],
)
@pytest.mark.long
def test_a_body_of_twenty_megabytes_is_read_within_seconds(piece: str) -> None:
    body = "Foo will delist " + piece * (20_000_000 // len(piece))
    began = time.thread_time()
    try:
        read(Article("foo", "1", "Foo Will Delist AAA", body, None), SymbolSplitter())
    except BodyUnreadable:
        pass
    assert time.thread_time() - began < 4


@pytest.mark.parametrize(
    "piece", ["A, ", "(A) ", "A/B ", "delist ", "support the ", "§side§ ", "a ", "1", "-", "on the ", "A B (C) and "]
)
def test_a_huge_title_is_read_at_once(piece: str) -> None:
    began = time.thread_time()
    read(Article("foo", "1", "Foo Will Delist " + piece * 100_000, None, None), SymbolSplitter())
    assert time.thread_time() - began < 1


def test_a_deep_tree_does_not_exhaust_the_stack() -> None:
    deep: Any = {"node": "text", "text": "bottom"}
    for _ in range(100_000):
        deep = {"node": "element", "tag": "p", "child": [deep]}
    assert article_text(deep) == ""
    assert "AAA" in article_text(tree(node("p", "AAA/BTC")))
