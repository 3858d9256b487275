# ruff: noqa: E501 (a notice stands on one line)
"""Bodies of every form become blocks of text with their borders."""

from __future__ import annotations

import json

import pytest

from exchanges.announcements.text.blocks import Block, article_text, blocks
from exchanges.announcements.types import BodyUnreadable
from tests.exchanges.samples import node, text, tree


def test_a_node_tree_is_joined_with_breaks_at_block_ends() -> None:
    body = tree(
        node("p", node("strong", "At 08:00"), " (UTC): ", node("span", "AAA/BTC")),
        node("ul", node("li", "BBB"), node("li", "CCC")),
    )
    assert blocks(body) == (Block("paragraph", "At 08:00 (UTC): AAA/BTC"), Block("item", "BBB"), Block("item", "CCC"))
    assert blocks(json.dumps(body)) == blocks(body)


def test_cells_of_a_table_stay_apart_and_a_row_is_one_block() -> None:
    rows = node(
        "table", node("tr", node("td", "AAA/USDT"), node("td", node("p", "October 3, 2026,"), node("p", "08:00")))
    )
    assert blocks(tree(rows)) == (Block("row", "AAA/USDT | October 3, 2026, 08:00"),)
    markup = "<table><tr><td>AAA/USDT</td><td><p>October 3, 2026,</p><p>08:00</p></td></tr></table>"
    assert blocks(markup) == (Block("row", "AAA/USDT | October 3, 2026, 08:00"),)


def test_html_loses_scripts_styles_and_entities() -> None:
    body = "<html><head><title>x</title></head><body><script>var a='<p>no</p>'</script><h2>Spot</h2><p>A &amp; B&nbsp;C<br>D</p></body></html>"
    assert blocks(body) == (Block("heading", "Spot"), Block("paragraph", "A & B C"), Block("paragraph", "D"))


def test_a_head_that_is_never_closed_does_not_swallow_the_page() -> None:
    assert article_text("<html><head><body><p>kept</p></body></html>") == "kept"


@pytest.mark.parametrize(
    ("glued", "apart"),
    [
        (
            "Cross Margin Pair: ABC/BTCIsolated Margin Pair: ABC/BTC",
            "Cross Margin Pair: ABC/BTC\nIsolated Margin Pair: ABC/BTC",
        ),
        (
            "Foo (AAA) via Ethereum NetworkBar (BBB) via BNB Smart ChainbarBaz (CCC)",
            "Foo (AAA) via Ethereum Network\nBar (BBB) via BNB Smart Chain\nbarBaz (CCC)",
        ),
        ("contracts2025-12-05 09:30 (UTC): X", "contracts\n2025-12-05 09:30 (UTC): X"),
        ("will end.Users are advised", "will end.\nUsers are advised"),
        ("Delisted CryptosAAA Delisted PairsAAA/USDT", "Delisted CryptosAAA Delisted Pairs\nAAA/USDT"),
        ("Deposits and WithdrawalsAt 2026-01-13", "Deposits and Withdrawals\nAt 2026-01-13"),
        ("settle AAAUSDTPlease note", "settle AAAUSDT\nPlease note"),
        ("Foo (AAA)Bar (BBB)", "Foo (AAA)\nBar (BBB)"),
    ],
)
def test_lost_block_ends_are_found_again(glued: str, apart: str) -> None:
    assert article_text(glued) == apart


@pytest.mark.parametrize(
    "words",
    [
        "see Fetch.ai (FET)",
        "MobileCoin (MOB)",
        "i.e. AAA/BTC",
        "version 1.16.6 of zkSync",
        "Beefy.Finance (BIFI)",
        "ai16z (AI16Z)",
    ],
)
def test_names_are_not_broken(words: str) -> None:
    assert article_text(words) == words


@pytest.mark.parametrize("body", [None, "", "   ", "\n\n"])
def test_an_absent_body_has_no_blocks(body: str | None) -> None:
    assert blocks(body) == ()


@pytest.mark.parametrize("body", [7, 1.5, True, b"bytes", {"a": 1}, '{"node": "root", "child": [', object()])
def test_a_body_of_no_known_form_says_what_it_is(body: object) -> None:
    with pytest.raises(BodyUnreadable, match="body"):
        blocks(body)


def test_a_text_node_beside_unusable_neighbours_remains() -> None:
    assert article_text({"node": "root", "child": [None, 3, text("kept"), {"node": "text"}, ["x"]]}) == "keptx"
