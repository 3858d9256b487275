"""Markup with faults is read in time that grows with its size, and what is well formed is not touched."""

from __future__ import annotations

import time

import pytest

from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.markup import bounded_markup, parsed_page

FAULTS = [
    "<a ",
    "<a",
    "<!-- > ",
    "<!--",
    "<![x > ",
    "<![CDATA[ > ",
    "<? ",
    '<a b="',
    "</a ",
    "<",
    "&#",
    "<script></script ",
    "<a b='>'",
    "<a b='>'<a b=\">\"",
    "</a b='>'",
    "<a b=''c",
]


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("end", ["", ">"])
def test_a_fault_repeated_costs_no_more_than_twice_the_time_for_twice_the_size(fault: str, end: str) -> None:
    def seconds(size: int) -> float:
        text = "<p>Foo will delist ABC</p>" + fault * (size // len(fault)) + end
        began = time.process_time()
        assert "Foo will delist ABC" in blocks(text)[0].text
        return time.process_time() - began

    small = min(seconds(30_000) for _ in range(2))
    # Quadratic would be 16 times as long, and 24 s for a megabyte.
    assert min(seconds(120_000) for _ in range(2)) < 9 * small + 0.1


@pytest.mark.parametrize(
    "text",
    [
        "<p>a</p>",
        "<!-- note --><p>1 > 0 & 2</p>",
        "<!DOCTYPE html><html><body><p title='a > b'>x</p></body></html>",
        "<?xml version='1.0'?><p>x</p>",
        "plain",
        "",
    ],
)
def test_well_formed_markup_stays_as_it_is(text: str) -> None:
    assert bounded_markup(text) == text


def test_what_has_no_end_is_text() -> None:
    assert bounded_markup("<p>a</p> 1 < 2") == "<p>a</p> 1 &lt; 2"
    assert bounded_markup("<p>a</p><!-- never <b>closed</b>") == "<p>a</p>&lt;!-- never <b>closed</b>"
    assert [block.text for block in blocks("<p>BTC < 5 USD</p>")] == ["BTC < 5 USD"]


def test_a_tag_with_faults_keeps_what_can_be_read_of_it_and_ends_where_a_browser_ends_it() -> None:
    assert bounded_markup("<a href='x'title=\"a>b\"=>y</a>") == '<a href="x" title="a&gt;b">y</a>'
    assert bounded_markup("<p title=Binance's>x</p>") == "<p title=Binance's>x</p>"
    assert [block.text for block in blocks("<p>a</p><p class='b>c</p><p>d</p>")] == ["a", "c", "d"]


def test_scripts_stay_as_they_are_to_the_letter() -> None:
    data = """<script id='__APP_DATA' type="application/json">{"body": "<p class=\\"x\\" y=' >a</p><b '"}</script>"""
    assert bounded_markup(f"<p>a</p>{data}<p>b</p>") == f"<p>a</p>{data}<p>b</p>"
    assert bounded_markup("<script>never <b '>closed") == "<script>never <b '>closed"


def test_a_page_is_read_in_its_own_encoding() -> None:
    page = "<html><head><meta charset='gbk'></head><body><h1>下架</h1></body></html>"
    assert parsed_page(page.encode("gbk")).find("h1").get_text() == "下架"  # type: ignore[union-attr]
    assert parsed_page("<h1>é</h1>".encode()).find("h1").get_text() == "é"  # type: ignore[union-attr]
