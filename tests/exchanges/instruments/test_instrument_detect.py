"""What instrument lists tell, as pure functions of rows, open events and the clock."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from events.drafts import EffectDraft, EventDraft
from events.upstream.client import Payload
from exchanges.halts.maintenance import Maintenance, detect_maintenance, detect_outage
from exchanges.instruments.binance import parse_exchange_info
from exchanges.instruments.detect import InstrumentSnapshot, detect_instruments
from exchanges.instruments.okx import parse_instruments
from exchanges.tags.detect import TagSnapshot, detect_tags
from markets.knowledge import InstrumentRow, MarketKnowledge
from markets.watch import WatchLists
from tests.support.captures import capture
from tests.upstreams.binance_instruments import spot_symbol

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
WATCH = WatchLists(
    spot=frozenset({"ABC", "BTC", "STORJ"}), usdm=frozenset({"ABC", "BTC"}), quotes=frozenset({"USDT", "USDC"})
)


def pair(name: str, status: str = "TRADING", venue: str = "BINANCE", **fields: object) -> InstrumentRow:
    base, _, quote = name.partition("/")
    joined = f"{base}-{quote}" if venue.startswith("OKX") else base + quote
    row = InstrumentRow(venue, joined, base, quote, base, status, status in ("TRADING", "live"))
    return replace(row, **fields)  # type: ignore[arg-type]


def perpetual(name: str, ends_at: datetime | None = None, status: str = "TRADING") -> InstrumentRow:
    return pair(name, status, "BINANCE_USDM", contract_type="PERPETUAL", ends_at=ends_at)


BACKGROUND = tuple(pair(f"C{number}/USDT") for number in range(40))


def detect(
    before: Iterable[InstrumentRow],
    current: Iterable[InstrumentRow],
    open_events: Sequence[EventDraft] = (),
    now: datetime = NOW,
    waiting: dict[str, datetime] | None = None,
    watch: WatchLists = WATCH,
) -> list[EventDraft]:
    before, current = [*before], [*current]
    venues = {row.venue for row in current} | {row.venue for row in before}
    return detect_instruments(
        InstrumentSnapshot(
            exchange=next(iter(venues)).partition("_")[0].lower(),
            before={venue: {row.symbol: row for row in before if row.venue == venue} for venue in venues},
            current={venue: {row.symbol: row for row in current if row.venue == venue} for venue in venues},
            watch=watch,
            now=now,
            waiting=waiting or {},
            open_events=open_events,
        )
    )


def with_background(*rows: InstrumentRow) -> list[InstrumentRow]:
    return [*BACKGROUND, *rows]


def payload(source: str, answer: object) -> Payload:
    return Payload(source, "http://127.0.0.1/", 200, {}, json.dumps(answer).encode(), NOW, 0.1, None)


def announcement(
    *tickers: str, ends_at: datetime | None, token: str = "ABC", category: str = "delisting", scope: str = "pairs"
) -> EventDraft:
    effect = EffectDraft(token, scope, "BINANCE", tickers, trading_ends_at=ends_at, in_force_at=ends_at)
    return EventDraft("binance", category, "binance.announcement:1", "Notice", (effect,), kind="binance_announcement")


def test_a_watched_pair_that_stops_is_an_event_of_its_venue_and_says_so_once() -> None:
    before = with_background(pair("ABC/USDT"), pair("ABC/USDC"))
    after = with_background(pair("ABC/USDT", "BREAK"), pair("ABC/USDC"))
    (draft,) = detect(before, after)
    assert (draft.category, draft.priority, draft.kind) == ("trading_suspension", "high", "instrument_status")
    (effect,) = draft.effects
    assert (effect.scope, effect.tickers, effect.in_force_at) == ("pairs", ("BINANCE:ABCUSDT",), NOW)
    again = detect(after, after, [draft], NOW + timedelta(minutes=1))
    assert [other.digest() for other in again] == [draft.digest()]


def test_the_last_pair_with_a_quote_that_counts_takes_the_whole_token_off_the_venue() -> None:
    before = with_background(pair("ABC/USDT"), pair("ABC/RON"))
    (draft,) = detect(before, with_background(pair("ABC/USDT", "HALT"), pair("ABC/RON")))
    assert draft.effects[0].scope == "venue"


def test_three_pairs_of_one_token_are_one_event() -> None:
    rows = ("ABC/USDT", "ABC/USDC")
    (draft,) = detect(with_background(*map(pair, rows)), with_background(*(pair(row, "BREAK") for row in rows)))
    assert draft.effects[0].tickers == ("BINANCE:ABCUSDC", "BINANCE:ABCUSDT")


def test_an_instrument_that_is_not_watched_is_no_event() -> None:
    before = with_background(pair("ABC/RON"), pair("XYZ/USDT"))
    assert detect(before, with_background(pair("ABC/RON", "BREAK"), pair("XYZ/USDT", "BREAK"))) == []


def test_what_was_dead_at_the_first_reading_stays_out_and_a_future_end_counts() -> None:
    ends = NOW + timedelta(days=5)
    current = with_background(pair("ABC/USDT", "BREAK"), perpetual("ABC/USDT", ends), perpetual("BTC/USDT"))
    (draft,) = detect([], current)
    assert (draft.category, draft.effects[0].trading_ends_at) == ("delisting", ends)
    assert draft.effects[0].tickers == ("BINANCE_USDM:ABCUSDT",)
    assert detect([], with_background(perpetual("ABC/USDT", NOW - timedelta(days=300), "SETTLING"))) == []


def test_a_perpetual_whose_end_is_moved_or_withdrawn_follows_its_list() -> None:
    first, second = NOW + timedelta(days=5), NOW + timedelta(days=7)
    (draft,) = detect([perpetual("ABC/USDT")], [perpetual("ABC/USDT", first)])
    (moved,) = detect([perpetual("ABC/USDT", first)], [perpetual("ABC/USDT", second)], [draft])
    assert moved.natural_key == draft.natural_key and moved.effects[0].trading_ends_at == second
    (closed,) = detect([perpetual("ABC/USDT", second)], [perpetual("ABC/USDT")], [moved])
    assert closed.state == "closed" and not closed.quiet


def test_a_quarterly_contract_that_reaches_its_own_end_is_no_event_and_one_ended_early_is() -> None:
    def quarterly(ends_at: datetime, status: str = "TRADING") -> InstrumentRow:
        return replace(perpetual("BTC/USDT", ends_at, status), symbol="BTCUSDT_261225", contract_type="CURRENT_QUARTER")

    end = datetime(2026, 12, 25, 8, 0, tzinfo=UTC)
    assert detect([quarterly(end)], [quarterly(end)]) == []
    assert detect([quarterly(end)], [quarterly(end, "DELIVERING")], now=end) == []
    assert detect([quarterly(end)], [perpetual("BTC/USDT")], now=end + timedelta(hours=1)) == []
    (draft,) = detect([quarterly(end)], [quarterly(NOW + timedelta(days=2))])
    assert draft.effects[0].trading_ends_at == NOW + timedelta(days=2)


def test_pending_trading_counts_after_five_minutes_and_not_after_one() -> None:
    live, pending = with_background(pair("ABC/USDT")), with_background(pair("ABC/USDT", "PENDING_TRADING"))
    since = {"BINANCE:ABCUSDT": NOW}
    assert detect(live, pending) == []
    assert detect(pending, live, now=NOW + timedelta(minutes=1), waiting=since) == []
    assert detect(pending, pending, now=NOW + timedelta(minutes=4), waiting=since) == []
    (draft,) = detect(pending, pending, now=NOW + timedelta(minutes=5), waiting=since)
    assert draft.category == "trading_suspension"


def test_a_listing_that_waits_for_its_first_trade_is_no_event() -> None:
    pending = with_background(pair("ABC/USDT", "PENDING_TRADING"))
    assert detect(with_background(), pending) == []
    assert detect(pending, pending, now=NOW + timedelta(hours=1)) == []


def test_a_pair_that_disappears_is_a_delisting_and_one_that_comes_back_closes_it() -> None:
    before = with_background(pair("ABC/USDT"))
    (draft,) = detect(before, with_background())
    assert (draft.category, draft.effects[0].trading_ends_at) == ("delisting", NOW)
    assert "no longer listed" in draft.title
    gone = with_background(pair("ABC/USDT", "GONE"))
    (closed,) = detect(gone, before, [draft])
    assert (closed.state, closed.quiet) == ("closed", False)


def test_a_list_of_which_more_than_a_tenth_halts_is_one_exchange_halt_with_every_watched_token() -> None:
    before = with_background(pair("ABC/USDT"), pair("BTC/USDT"), pair("BTC/USDC"))
    halted = [replace(row, status="BREAK", live=False) for row in before]
    (draft,) = detect(before, halted)
    assert (draft.category, draft.kind, draft.priority) == ("exchange_halt", "exchange_halt", "high")
    assert [(effect.token, effect.scope, effect.venue) for effect in draft.effects] == [
        ("*", "venue", "BINANCE"),
        ("ABC", "venue", "BINANCE"),
        ("BTC", "venue", "BINANCE"),
    ]
    assert detect(halted, halted, [draft], NOW + timedelta(minutes=1)) == []
    (over,) = detect(halted, before, [draft], NOW + timedelta(hours=2))
    assert (over.state, over.natural_key) == ("closed", draft.natural_key)


def test_a_halt_of_coins_that_nobody_watches_is_one_low_effect_on_the_venue() -> None:
    before = with_background(pair("ABC/USDT"), pair("BTC/USDT"))
    halted = [replace(row, status="BREAK", live=False) for row in before]
    nothing = WatchLists(frozenset(), frozenset(), frozenset())
    (draft,) = detect(before, halted, watch=nothing)
    assert (draft.category, draft.priority) == ("exchange_halt", "low")
    assert [(effect.token, effect.scope, effect.venue, effect.tickers) for effect in draft.effects] == [
        ("*", "venue", "BINANCE", ()),
    ]
    assert detect(halted, halted, [draft], NOW + timedelta(minutes=1), watch=nothing) == []


def test_a_system_status_halts_the_venue_whatever_is_watched_and_goes_on_to_do_so() -> None:
    knowledge = MarketKnowledge({"OKX": {"ABC-USDT": replace(pair("ABC/USDT"), venue="OKX", symbol="ABC-USDT")}})
    watch = WatchLists(frozenset({"ABC"}), frozenset(), frozenset({"USDT"}))
    (outage,) = detect_outage("okx", True, [], knowledge, watch, NOW)
    assert ([effect.token for effect in outage.effects], outage.priority) == (["*", "ABC"], "high")
    item = Maintenance("Upgrade", "ongoing", NOW, NOW + timedelta(hours=1), "1", ("spot",))
    (begun,) = detect_maintenance("okx", [item], [], knowledge, watch, NOW)
    assert [effect.token for effect in begun.effects] == ["*", "ABC"]
    # Recorded by the last release, while it goes on: it gets its effect on the venue.
    old = replace(begun, effects=begun.effects[1:])
    (mended,) = detect_maintenance("okx", [item], [old], knowledge, watch, NOW)
    assert sorted(effect.token for effect in mended.effects) == ["*", "ABC"]


def test_what_does_not_come_back_after_an_exchange_halt_is_an_event_then() -> None:
    before = with_background(pair("ABC/USDT"), pair("BTC/USDT"))
    halted = [replace(row, status="BREAK", live=False) for row in before]
    (halt,) = detect(before, halted)
    drafts = detect(halted, with_background(pair("ABC/USDT", "BREAK"), pair("BTC/USDT")), [halt])
    assert [(draft.category, draft.state) for draft in drafts] == [
        ("exchange_halt", "closed"),
        ("trading_suspension", "open"),
    ]
    assert drafts[1].effects[0].tickers == ("BINANCE:ABCUSDT",)


def test_one_coin_of_a_short_list_is_no_exchange_halt() -> None:
    before = [pair("ABC/USDT"), pair("ABC/USDC"), *(pair(f"C{number}/USDT") for number in range(8))]
    after = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC", "BREAK"), *before[2:]]
    assert [draft.category for draft in detect(before, after)] == ["trading_suspension"]


def test_an_announced_stop_confirms_the_announcement_and_opens_nothing() -> None:
    event = announcement("BINANCE:ABCUSDT", ends_at=NOW - timedelta(seconds=30))
    before, after = with_background(pair("ABC/USDT")), with_background(pair("ABC/USDT", "BREAK"))
    (draft,) = detect(before, after, [event])
    assert draft.natural_key == event.natural_key and draft.effects == event.effects
    assert draft.facts["instruments"]["BINANCE:ABCUSDT"]["status"] == "BREAK"
    assert detect(after, after, [draft], NOW + timedelta(minutes=1)) == []


def test_a_pair_that_stops_before_its_announced_time_is_in_force_now() -> None:
    event = announcement("BINANCE:ABCUSDT", "BINANCE:ABCUSDC", ends_at=NOW + timedelta(days=3))
    before = with_background(pair("ABC/USDT"), pair("ABC/USDC"))
    after = with_background(pair("ABC/USDT", "BREAK"), pair("ABC/USDC"))
    (draft,) = detect(before, after, [event])
    assert {effect.tickers: effect.in_force_at for effect in draft.effects} == {
        ("BINANCE:ABCUSDT",): NOW,
        ("BINANCE:ABCUSDC",): NOW + timedelta(days=3),
    }


def test_a_pause_before_the_announced_time_does_not_end_the_announcement_and_a_relisting_does() -> None:
    ends = NOW + timedelta(days=3)
    before, after = with_background(pair("ABC/USDT")), with_background(pair("ABC/USDT", "BREAK"))
    (paused,) = detect(before, after, [announcement("BINANCE:ABCUSDT", ends_at=ends)])
    (back,) = detect(after, before, [paused], NOW + timedelta(minutes=9))
    assert back.state == "open" and back.effects[0].in_force_at == ends
    (removed,) = detect(before, after, [back], ends)
    (relisted,) = detect(after, before, [removed], ends + timedelta(days=2))
    assert relisted.state == "closed"


def test_an_announcement_of_another_pair_covers_only_its_own() -> None:
    event = announcement("BINANCE:ABCUSDC", ends_at=NOW + timedelta(days=1))
    before = with_background(pair("ABC/USDT"), pair("ABC/USDC"))
    (draft,) = detect(before, with_background(pair("ABC/USDT", "BREAK"), pair("ABC/USDC")), [event])
    assert draft.natural_key == "binance.instrument:BINANCE:ABC"


def test_an_announcement_that_comes_after_the_stop_takes_the_event_over_quietly() -> None:
    before, after = with_background(pair("ABC/USDT")), with_background(pair("ABC/USDT", "BREAK"))
    (own,) = detect(before, after)
    drafts = detect(after, after, [announcement("BINANCE:ABCUSDT", ends_at=NOW), own], NOW + timedelta(minutes=1))
    assert [(draft.state, draft.quiet) for draft in drafts] == [("open", False), ("closed", True)]
    assert drafts[0].facts["instruments"]["BINANCE:ABCUSDT"]["since"] == NOW.isoformat()


def test_the_captured_break_of_storj_on_binance_is_an_event() -> None:
    answer = json.loads(
        capture("instruments/delistwatch__binance_exchangeInfo_STORJUSDT_BREAK_2026-10-04.json").read_text()
    )
    living = [
        {"symbol": row.symbol, "status": "TRADING", "baseAsset": row.base, "quoteAsset": row.quote}
        for row in BACKGROUND
    ]
    rows, bad_rows = parse_exchange_info(
        payload("binance.instruments", {"symbols": living + answer["symbols"]}), "BINANCE"
    )
    assert not bad_rows
    (draft,) = detect(with_background(pair("STORJ/USDT")), rows)
    assert draft.effects[0].tickers == ("BINANCE:STORJUSDT",) and draft.facts["status"] == "BREAK"


@pytest.mark.parametrize("status", ["BREAK", "HALT", "CANCEL_ONLY", "END_OF_DAY"])
def test_each_word_of_binances_spot_for_a_stop_is_one(status: str) -> None:
    answer = {"symbols": [spot_symbol("ABC/USDT", status), *(spot_symbol(f"C{number}/USDT") for number in range(40))]}
    rows, bad_rows = parse_exchange_info(payload("binance.instruments", answer), "BINANCE")
    (draft,) = detect(with_background(pair("ABC/USDT")), rows)
    assert not bad_rows and (draft.category, draft.facts["status"]) == ("trading_suspension", status)


def test_the_captured_okx_lists_are_read_and_a_pair_that_leaves_them_is_an_event() -> None:

    rows: list[InstrumentRow] = []
    for kind in ("SPOT", "SWAP"):
        file = capture(f"instruments/cryptofeed__instruments_{kind}_2022-05-13.json.gz")
        read, bad_rows = parse_instruments(
            payload("okx.instruments", json.loads(gzip.decompress(file.read_bytes()))), kind
        )
        assert not bad_rows
        rows += read
    assert {row.venue for row in rows} == {"OKX", "OKX_USDM", "OKX_COINM"} and len(rows) == 679
    inverse = next(row for row in rows if row.symbol == "BTC-USD-SWAP")
    assert (inverse.venue, inverse.base, inverse.quote, inverse.ends_at) == ("OKX_COINM", "BTC", "USD", None)
    left = [row for row in rows if row.symbol != "STORJ-USDT"]
    assert len(left) == len(rows) - 1
    (draft,) = detect(rows, left)
    assert (draft.source, draft.natural_key) == ("okx", "okx.instrument:OKX:STORJ")


def test_an_exchange_halt_ends_no_announcement_and_its_end_is_no_relisting() -> None:
    event = announcement("BINANCE:ABCUSDT", ends_at=NOW - timedelta(days=2))
    before = with_background(pair("ABC/USDT", "BREAK"), pair("BTC/USDT"))
    halted = [replace(row, status="BREAK", live=False) for row in before]
    (halt,) = detect(before, halted, [event])
    assert halt.kind == "exchange_halt" and [effect.token for effect in halt.effects] == ["*", "BTC"]
    (over,) = detect(halted, before, [event, halt])
    assert (over.kind, over.state) == ("exchange_halt", "closed")


def tag_snapshot(carried: set[tuple[str, str]], periods: set[tuple[str, str]], *events: EventDraft) -> TagSnapshot:
    rows = {row.symbol: row for row in (pair("ABC/USDT"), pair("BTC/USDT"))}
    return TagSnapshot(
        exchange="binance",
        carried=frozenset(carried),
        listed=frozenset({"ABC", "BTC", "XYZ"}),
        periods={period: NOW - timedelta(days=9) for period in periods},
        first=False,
        watch=WATCH,
        knowledge=MarketKnowledge({"BINANCE": rows}),
        now=NOW,
        open_events=events,
    )


def tag_notice() -> EventDraft:
    effects = tuple(EffectDraft(token, "venue", "BINANCE", (f"BINANCE:{token}USDT",)) for token in ("ABC", "XYZ"))
    title = "Binance Will Extend the Monitoring Tag to Include ABC and XYZ"
    return EventDraft("binance", "risk_warning", "binance.announcement:7", title, effects, kind="binance_announcement")


def test_an_announced_tag_confirms_the_announcement_and_its_removal_lifts_its_token_from_it() -> None:
    tag = ("ABC", "Monitoring")
    (confirmed,) = detect_tags(tag_snapshot({tag}, set(), tag_notice()))
    assert confirmed.natural_key == "binance.announcement:7"
    assert confirmed.facts["tags"] == {"ABC": {"tag": "Monitoring", "since": NOW.isoformat()}}
    assert detect_tags(tag_snapshot({tag}, {tag}, confirmed)) == []
    (untagged,) = detect_tags(tag_snapshot(set(), {tag}, confirmed))
    assert [effect.token for effect in untagged.effects] == ["XYZ"] and untagged.state == "open"


def test_an_announced_tag_that_is_not_set_yet_is_left_alone() -> None:
    assert detect_tags(tag_snapshot(set(), set(), tag_notice())) == []
    assert detect_tags(tag_snapshot(set(), {("ABC", "Seed")}, tag_notice())) == []


def test_a_tag_whose_announcement_has_run_out_opens_quietly_and_a_new_one_does_not() -> None:
    tag = ("ABC", "Monitoring")
    assert [draft.quiet for draft in detect_tags(tag_snapshot({tag}, {tag}))] == [True]
    assert [draft.quiet for draft in detect_tags(tag_snapshot({tag}, set()))] == [False]
    assert detect_tags(tag_snapshot({("XYZ", "Monitoring")}, set())) == []
