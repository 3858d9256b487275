"""Lists of expressions, as freqtrade's `expand_pairlist` reads them: `fullmatch`, whatever the case."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from api.bots.files import allowed_lines, csv
from api.bots.patterns import allowed_entries, blocked_entries
from api.bots.venue_pairs import UNASKED, Listed, VenuePairs, VenueState, Verdict, listed_at

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
YES, EXIT = Verdict(True, True, "none", "fresh"), Verdict(False, True, "exit", "fresh")


def listed(*pairs: tuple[str, str, str, str], venue: str = "KRAKEN", settle: str = "") -> dict[str, Listed]:
    """(symbol, base, quote, asset of the base) of each."""
    rows: list[dict[str, Any]] = [
        {"symbol": symbol, "base": base, "quote": quote, "token": token, "quote_token": quote, "settle": settle,
         "settle_token": settle, "contract_type": "PERPETUAL" if settle else "", "status": "online", "ends_at": None,
         "aliases": [], "pegged": False}
        for symbol, base, quote, token in pairs
    ]  # fmt: skip
    return listed_at(venue, venue, rows)


def found(instruments: dict[str, Listed], status: str = "fresh", **verdicts: Verdict) -> VenuePairs:
    state = VenueState("KRAKEN")
    state.lists(instruments, 0)
    state.answered(list(verdicts), list(verdicts.values()), 1, 2)
    allowed, denied = state.by_name()
    return VenuePairs("KRAKEN", status, NOW, 7, allowed, denied, state.listed, state.verdicts)


def row(token: str, action: str = "exit", **more: Any) -> dict[str, Any]:
    return {"token": token, "asset_action": action, "venue_actions": {}, "categories": [], **more}


def opened(entries: list[str], pairs: list[str]) -> list[str]:
    compiled = [re.compile(entry, re.IGNORECASE) for entry in entries]
    return [pair for pair in pairs if any(entry.fullmatch(pair) for entry in compiled)]


def test_no_list_is_ever_empty() -> None:
    nothing = found({})
    assert allowed_entries(nothing) == blocked_entries(nothing, []) == ["EWS/NOTHING"]
    one = found(listed(("ADAUSD", "ADA", "USD", "ADA")), ADAUSD=YES)
    assert (allowed_entries(one), blocked_entries(one, [])) == (["ADA/USD"], ["EWS/NOTHING"])
    for status in ("stale", "unknown"):
        one = found(listed(("ADAUSD", "ADA", "USD", "ADA")), status, ADAUSD=YES)
        assert (allowed_entries(one), blocked_entries(one, [])) == (["EWS/NOTHING"], [".*"])


def test_signs_of_expressions_in_a_name_mean_themselves() -> None:
    pairs = found(listed(("A", "A.B+", "USD", "A"), ("B", "AXB", "USD", "B")), A=YES, B=EXIT)
    assert opened(allowed_entries(pairs), ["A.B+/USD", "AXB/USD", "A.BB/USD"]) == ["A.B+/USD"]


def test_an_entry_that_would_open_a_denied_pair_is_left_out() -> None:
    # The sign of kelvin is a K to freqtrade's matching, and ccxt makes no capital of it.
    pairs = found(listed(("A", "\u212aIT", "USD", "X"), ("B", "KIT", "USD", "KIT"), ("C", "ADA", "USD", "ADA")),
                  A=EXIT, B=YES, C=YES)  # fmt: skip
    assert pairs.allowed == ("ADA/USD", "KIT/USD") and allowed_entries(pairs) == ["ADA/USD"]
    pairs = found(listed(("A", "KIT", "USD", "X"), ("B", "\u212aIT", "USD", "KIT")), A=EXIT, B=YES)
    assert allowed_entries(pairs) == ["EWS/NOTHING"]


def test_a_name_of_two_instruments_is_allowed_where_both_are() -> None:
    both = listed(("A", "ADA", "USD", "ADA"), ("A2", "ADA", "USD", "ADA"))
    assert found(both, A=YES, A2=YES).allowed == ("ADA/USD",)
    shared = found(both, A=YES, A2=EXIT)
    assert (shared.allowed, shared.denied) == ((), ("ADA/USD",))
    assert allowed_lines(shared, "ccxt").startswith(b"#end 0 ")
    assert b"\r\nADA/USD,A,false,true,exit,fresh,2026-11-30T12:00:00.000Z,7\r\n" in csv(shared, "ccxt")
    assert csv(found(both, A=EXIT, A2=YES), "ccxt") == csv(shared, "ccxt")


def test_a_blacklist_fits_what_is_at_risk_under_every_name_and_nothing_that_may_be_opened() -> None:
    # Kraken's LUNA is LUNC in ccxt; LUNA there is another coin. DODOX is the perpetual of DODO.
    pairs = found(
        listed(("LUNAUSD", "LUNA", "USD", "LUNC"), ("LUNA2USD", "LUNA2", "USD", "LUNA"),
               ("DODOX", "DODOX", "USD", "DODO"),
               ("SHIB", "1000SHIB", "USD", "SHIB"), ("CAT", "1000CAT", "USD", "1000CAT"), ("X", "CAT", "USD", "CAT")),
        LUNAUSD=EXIT, LUNA2USD=YES, DODOX=EXIT, SHIB=EXIT, CAT=YES, X=EXIT,
    )  # fmt: skip
    entries = blocked_entries(pairs, [row("LUNC"), row("DODO"), row("SHIB"), row("CAT"), row("SOL", "watch")])
    expected = ["LUNC/USD", "LUNC/EUR", "DODOX/USD", "DODO/EUR", "1000SHIB/USD", "SHIB/EUR", "ADA/SHIB", "CAT/USD",
                "1000CAT/EUR", "X/USD:CAT", "X/USD:CAT-270101"]  # fmt: skip
    assert opened(entries, [*expected, *pairs.allowed, "SOL/USD"]) == expected
    assert set(pairs.allowed) == {"LUNA/USD", "1000CAT/USD"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"asset_action": "watch"}, False),
        ({"asset_action": None, "venue_actions": {"OKX": "halt"}}, False),
        ({"asset_action": None, "venue_actions": {"KRAKEN": "avoid_new"}}, True),
        ({"asset_action": None, "venue_actions": {"KRAKEN_USDM": "halt"}}, False),
        ({"asset_action": None, "venue_actions": {"KRAKEN_USDM": "halt"}, "categories": ["exchange_halt"]}, True),
    ],
)
def test_a_row_counts_where_it_holds(more: dict[str, Any], expected: bool) -> None:
    entries = blocked_entries(found(listed(("ADAUSD", "ADA", "USD", "ADA")), ADAUSD=YES), [row("SOL", **more)])
    assert bool(opened(entries, ["SOL/USD"])) is expected


def test_an_answer_to_an_earlier_question_changes_nothing_that_was_touched_since() -> None:
    state = VenueState("KRAKEN")
    state.lists(listed(("ADAUSD", "ADA", "USD", "ADA"), ("SOLUSD", "SOL", "USD", "SOL")), 0)
    assert state.status() == "unknown" and set(state.verdicts.values()) == {UNASKED}
    state.answered(["ADAUSD", "SOLUSD"], [YES, YES], 1, 1)
    assert state.marked(["ADA", "KRAKEN:SOLUSD", "other"]) == {"ADAUSD", "SOLUSD"} == state.marked(["*"])
    before = state.revision
    state.forbid(state.marked(["ADA"]), "exit")
    state.touch(state.marked(["ADA"]), 3)
    state.answered(["ADAUSD", "SOLUSD"], [YES, EXIT], 2, 3)
    assert state.by_name() == ((), ("ADA/USD", "SOL/USD")) and state.revision == before + 2
    state.answered(["ADAUSD"], [YES], 4, 5)
    assert state.by_name() == (("ADA/USD",), ("SOL/USD",))
    # A new listing, or one that means something else now, has not been asked about.
    state.lists(listed(("ADAUSD", "ADA", "USD", "OTHER"), ("DOTUSD", "DOT", "USD", "DOT")), 6)
    assert state.by_name() == ((), ("ADA/USD", "DOT/USD"))
