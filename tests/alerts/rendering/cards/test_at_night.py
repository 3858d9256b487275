"""Cards read as at three in the morning: each of these once misled, hid the worst, or said nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.rendering.blindness import is_grave_to_miss
from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import Tone
from alerts.rendering.incidents import paging_steps
from alerts.rendering.past import Restriction
from alerts.rendering.phrases import source_label
from alerts.rendering.plain_text import plain_lines
from alerts.rendering.summary import Deferral, EventSummary, Manual
from tests.alerts.rendering import digest_cases
from tests.alerts.rendering.cases import CLOSED, DELISTING, at, date, effect, message

UNSEEN = "Announcements of Binance (delistings): what came since 02 Oct 2026 07:25 UTC is not seen"


def delisting(*effects: Any, reasons: tuple[str, ...] = ("opened",), **fields: Any) -> Any:
    return message("delisting", effects, reasons, **{**DELISTING, **fields})


def outage(title: str, facts: dict[str, Any], **fields: Any) -> Any:
    return message("operations", [], title=title, source="operations", url="", facts=facts, **fields)


def body(card_message: Any) -> str:
    return "\n".join(plain_lines(card_message))


def test_a_coin_that_ends_at_several_markets_has_the_end_of_each():
    made = delisting(
        effect("LUNA", "reduce_only", "delisting", trading_ends_at=at(days=5)),
        effect("LUNA", "exit", "delisting", venue="BINANCE_USDM", trading_ends_at=at(hours=3)),
    )
    card = card_of(made)
    assert card.heading == "EXIT · LUNA · Binance USD-M futures · by 2 Oct 11:00 UTC, in 3 h"
    assert card.sections[0].title == "By market"
    assert card.sections[0].items == (
        "LUNA: exit, Binance USD-M futures, trading ends 2 Oct 11:00 UTC, in 3 h",
        "LUNA: reduce only, Binance spot, trading ends 7 Oct 08:00 UTC, in 5 d",
    )
    # The payload keeps its one line for a coin.
    assert [line.token for line in made.content.at_risk] == ["LUNA"]
    assert made.content.at_risk[0].venues == ("BINANCE", "BINANCE_USDM")


@pytest.mark.parametrize("with_ours", [False, True])
def test_a_halt_of_everything_is_no_halt_of_our_coins_alone(with_ours: bool):
    everything = effect("*", "halt", "trading_suspended", venue="BINANCE", tickers=[])
    ours = [effect("LUNA", "halt", "trading_suspended")] if with_ours else []
    card = card_of(message("exchange_halt", [everything, *ours], title="Binance has halted trading", facts={}))
    assert card.heading == "HALT · everything · Binance spot"
    assert card.tone == Tone.URGENT


def test_a_reminder_names_its_date_where_the_heading_has_another():
    ends = effect("LUNA", "exit", "delisting", trading_ends_at=at(days=6))
    dates = [date("trading ends", days=6), date("margin borrowing stops", hours=1)]
    text = body(delisting(ends, reasons=("reminder",), important_dates=dates))
    assert "Reminder: margin borrowing stops 2 Oct 09:00 UTC, in 1 h. Binance removes LUNA from spot trading." in text
    assert text.count("margin borrowing stops") == 1


def test_a_reminder_at_the_moment_says_what_happens_now():
    gone = effect("LUNA", "halt", "delisted", trading_ends_at=at(days=-5))
    text = body(delisting(gone, reasons=("reminder",), important_dates=[date("withdrawals end", seconds=-20)]))
    assert "Reminder: withdrawals end 2 Oct 07:59 UTC, now. Binance has removed LUNA from spot trading." in text
    assert "Trading:" not in text, "the sentence has it"


def test_after_the_end_of_trading_the_heading_says_that_it_ended():
    card = card_of(
        delisting(effect("LUNA", "exit", "delisting", trading_ends_at=at(minutes=-5)), reasons=("reminder",))
    )
    assert card.heading == "EXIT · LUNA · Binance spot · trading ended 2 Oct 07:55 UTC, 5 min ago"


def test_a_date_whose_name_is_long_gives_up_the_distance_before_its_name():
    dates = [date("the old contract can be used no more", days=2)]
    card = card_of(message("hard_fork", [effect("ETH", "avoid_new", venue="")], important_dates=dates, facts={}))
    assert card.heading == "OPEN NOTHING NEW · ETH · everywhere · the old contract can be used no more 4 Oct 08:00 UTC"
    nameless = message(
        "hard_fork", [effect("ETH", "avoid_new", venue="")], important_dates=[date("", days=2)], facts={}
    )
    assert card_of(nameless).heading.endswith("everywhere · next date 4 Oct 08:00 UTC, in 2 d")


def test_a_fork_whose_date_has_passed_is_not_being_prepared():
    passed = message(
        "hard_fork", [effect("ETH", "avoid_new", venue="")], facts={}, important_dates=[date("fork", hours=-3)]
    )
    assert card_of(passed).why.endswith("which was due 2 Oct 05:00 UTC.")


def test_what_got_worse_unseen_is_not_only_still_open():
    changes = {"LUNA on BINANCE": ["reduce_only delisting", "exit delisting"]}
    made = delisting(effect("LUNA", "exit", "delisting"), reasons=("worse", "repeat"), changes=changes)
    assert card_of(made).why == "Worse, then still open: Binance removes LUNA from spot trading."


def test_an_outage_that_nobody_acknowledged_says_so():
    made = outage("Source binance.announcements is silent", {"not seen": UNSEEN}, reasons=("repeat",))
    assert card_of(made).why.startswith("Still open and not acknowledged: We do not see")


def test_a_false_alarm_that_waited_says_since_when():
    made = delisting(
        effect("LUNA", "exit", "delisting"),
        **{**CLOSED, "false_alarm": True, "close_reason": "false alarm by ann: a renaming"},
        deferred=Deferral(at(hours=-5), "silenced"),
    )
    assert card_of(made).why == "False alarm by ann: a renaming. This card was silenced since 2 Oct 03:00 UTC."


def test_a_correction_of_a_card_that_waited_ends_its_sentence():
    made = delisting(effect("LUNA", "exit", "delisting"), reasons=("opened", "updated"), correction="ann: a wrong date")
    why = "New, then updated, as corrected by ann: a wrong date. Binance removes LUNA from spot trading."
    assert card_of(made).why == why


def test_an_update_without_words_for_what_changed_has_all_of_the_card():
    made = message("delisting", [effect("LUNA", "exit", "delisting")], ("updated",), **DELISTING)
    assert "Published" not in [fact.name for fact in card_of(made).facts]
    depeg = digest_cases.CASES["depeg"]()
    assert isinstance(depeg.content, EventSummary)
    updated = replace(depeg, content=replace(depeg.content, reasons=("updated",)))
    assert "Readings" in [fact.name for fact in card_of(updated).facts]


def test_times_are_written_one_way():
    made = delisting(
        effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=17)),
        acknowledged_by="ann, since 2026-10-01 07:10 UTC: closing by hand",
        deferred=Deferral(at(hours=-5), "silenced"),
        title="Binance Will Delist LUNA at 2026-10-03 08:00 UTC",
    )
    text = body(made)
    assert "ann, since 1 Oct 07:10 UTC: closing by hand" in text and "silenced since 2 Oct 03:00 UTC" in text
    assert "“Binance Will Delist LUNA at 2026-10-03 08:00 UTC”" in text, "a title is quoted as it was written"


@pytest.mark.parametrize(("source", "name"), [("kucoin", "KuCoin"), ("mexc", "MEXC"), ("htx", "HTX"), ("okx", "OKX"),
                                              ("bitmex", "BitMEX"), ("lbank", "LBank"), ("binance", "Binance"),
                                              ("defillama", "DeFiLlama"), ("operations", "Operations")])  # fmt: skip
def test_a_source_is_named_as_its_exchange_is(source: str, name: str):
    assert source_label(source) == name


@pytest.mark.parametrize("where", ["opened", "closed"])
def test_an_outage_names_its_source_as_people_do(where: str):
    fields = CLOSED if where == "closed" else {}
    for facts in ({}, {"not seen": UNSEEN}):
        text = body(outage("Source binance.announcements is silent", facts, **fields))
        heading = text.partition("\n")[0]
        assert "binance.announcements" not in heading and "Source" not in heading


def test_an_outage_that_is_over_says_what_is_seen_again():
    made = outage(
        "Source okx.status is silent", {"not seen": UNSEEN}, close_reason="the source answers again", **CLOSED
    )
    assert card_of(made).heading == "OVER · announcements of Binance · seen again"


@pytest.mark.parametrize("what", [
    "edits of Binance's announcements whose events are open, announcements of Binance (delistings)",
    "announcements of OKX other than delistings, delistings on OKX",
])  # fmt: skip
def test_of_several_parts_the_gravest_decides(what: str):
    assert is_grave_to_miss(what)


def test_a_digest_does_not_hide_a_grave_outage_behind_what_is_to_be_watched():
    lines = [digest_cases.line("whale", 2), digest_cases.line("outage_of_announcements", 1)]
    card = card_of(digest_cases.digest(lines))
    assert card.heading.startswith("BLIND and 1 more · announcements of Binance")
    assert card.tone == Tone.URGENT
    assert [line.event_id for line in card.lines] == [1, 2]
    exits = [*lines, digest_cases.line("delisting_of_a_pair", 3), digest_cases.line("delisting_of_two_coins", 4)]
    assert [line.event_id for line in card_of(digest_cases.digest(exits)).lines] == [3, 1, 4, 2]


def test_the_bridge_of_a_bridge_is_said_once():
    assert "from Ronin Bridge on" in card_of(digest_cases.CASES["bridge_hack"]()).why


def test_the_end_of_trading_of_a_line_is_no_date_below():
    assert "When" not in [part.title for part in card_of(digest_cases.CASES["delisting_of_coins_and_pairs"]()).sections]


def test_what_is_over_is_no_token_that_moves():
    gone = replace(digest_cases.line("low_liquidity_over", 9), tokens=("UST",))
    moves = [digest_cases.move(n, name, "down", -0.1, "avoid_new") for n, name in ((1, "LUNA"), (2, "ETH"))]
    card = card_of(digest_cases.digest([*moves, gone], "market"))
    assert card.heading == "OPEN NOTHING NEW · 2 tokens are moving · LUNA, ETH"


def test_of_several_exchanges_the_markets_are_named():
    futures = [effect("LUNA", "exit", "delisting", venue=f"{name}_USDM") for name in ("BINANCE", "OKX")]
    assert card_of(delisting(*futures)).heading == "EXIT · LUNA · Binance USD-M futures, OKX linear contracts"
    many = [effect("LUNA", "exit", "delisting", venue=name) for name in ("BINANCE", "OKX", "GATE", "KUCOIN")]
    assert card_of(delisting(*many)).heading == "EXIT · LUNA · Binance, Gate, KuCoin + 1"
    three = [effect("LUNA", "exit", "delisting", venue=name) for name in ("BINANCE", "BINANCE_USDM", "BINANCE_MARGIN")]
    assert card_of(delisting(*three)).heading == "EXIT · LUNA · Binance (3 markets)"


@pytest.mark.parametrize("name", ["outage_of_announcements", "depeg", "whale", "exchange_halt", "hack"])
def test_a_line_of_a_digest_pages_as_its_card_does(name: str):
    made = digest_cases.CASES[name]()
    alone = paging_steps(made)
    listed = paging_steps(digest_cases.digest([digest_cases.line(name, 7), digest_cases.line("whale", 8)]))
    ours = [step for step in listed if step.key == "ews-event-7"]
    assert [step.severity for step in ours] == [step.severity for step in alone]


def test_exchanges_stay_named_where_their_markets_have_no_room():
    venues = ("BINANCE_USDM", "BINANCE_COINM", "OKX_USDM", "BYBIT_USDM")
    made = delisting(*(effect("LUNA", "exit", "delisting", venue=name, trading_ends_at=at(hours=3)) for name in venues))
    assert card_of(made).heading == "EXIT · LUNA · Binance, Bybit, OKX · by 2 Oct 11:00 UTC, in 3 h"


def test_a_digest_names_everything_too():
    line = digest_cases.line("exchange_halt_of_everything", 5)
    assert (line.under_action, line.venues) == (("everything",), ("BINANCE",))
    heading = card_of(digest_cases.digest([line, digest_cases.line("whale", 6)])).heading
    assert heading == "HALT and 1 more · everything · Binance spot"


def test_what_holds_now_elsewhere_is_not_said_of_all_that_is_over():
    of_luna = Restriction(12, "LUNA", "asset", "", (), "reduce_only", "trading")
    of_ust = Restriction(13, "UST", "venue", "OKX_USDM", ("OKX_USDM:UST-SWAP",), "halt", "trading_suspended")
    both = [effect(name, "exit", "delisting") for name in ("LUNA", "UST")]
    closed = {**CLOSED, "close_reason": "its time had passed"}
    two = card_of(delisting(*both, others=[of_luna, of_ust], **closed))
    assert two.heading == "OVER · LUNA, UST · Binance spot · now halt in part"
    one = card_of(delisting(both[1], others=[of_ust], **closed))
    assert one.heading == "OVER · UST · Binance spot · now halt on OKX linear contracts (#13)"
    same = card_of(delisting(both[0], others=[of_luna], **closed))
    assert same.heading == "OVER · LUNA · Binance spot · now reduce only (#12)"


def test_a_halt_of_everything_that_is_over_is_not_told_in_the_present():
    everything = effect("*", "halt", "trading_suspended", venue="BINANCE", tickers=[])
    title = "Binance has halted trading"
    card = card_of(message("exchange_halt", [everything], title=title, facts={}, **CLOSED))
    assert card.heading == "OVER · everything · Binance spot"


def test_a_long_note_is_not_said_twice():
    manual = Manual("ann", "rumours of a hack " * 40)
    card = card_of(message("manual", [effect("LUNA", "halt")], source="manual", manual=manual, facts={}, title="x"))
    assert "Opened by" not in [fact.name for fact in card.facts]
