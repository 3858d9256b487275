"""What a card says of an event that is over, of single pairs, of corrections: no order that holds no more."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels.mail import MailTransport
from alerts.rendering.card_html import card_html
from alerts.rendering.message import Digest, DigestLine, Message
from alerts.rendering.past import Restriction
from alerts.rendering.phrases import action_text
from alerts.rendering.plain_text import plain_lines, render_text, subject
from alerts.rendering.subjects import pair_label
from alerts.rendering.subjects import subject as subject_of
from alerts.rendering.summary import EventSummary, Manual, summarize
from alerts.rendering.teams_card import render_message
from alerts.rendering.webhook_json import encode_payload, render_payload
from crypto_ews.ui.text import span
from events.enums import Action, RiskLevel, TradingStatus
from markets.watch import WatchLists
from tests.alerts.factories import NOW, unsaved_effect, unsaved_event
from tests.upstreams.card_schema import schema_faults

TOKENS = ("LUNA", "ETH", "ABC")
WATCH = WatchLists(frozenset({"LUNA", "ETH"}), frozenset({"LUNA"}), frozenset({"USDT", "USDC"}))
MAIL = MailTransport(cast("Any", None), "ews@x.example", ("desk@x.example",), 1.0)
BASE = "https://ews.example"
ENDED = {
    "status": "closed",
    "closed_at": NOW + timedelta(hours=3, minutes=10),
    "close_reason": "resumed",
    "opened_at": NOW,
}
LATER = NOW + timedelta(hours=4)


def read_text(card: dict[str, Any]) -> str:
    """What a person reads on a card, a line for each element."""
    return html.unescape(re.sub(r"<[^>]+>", "\n", card_html(card))).replace("\\", "")


def renderings(summary: EventSummary) -> Iterator[tuple[str, str]]:
    """Every way in which an event reaches somebody, as the text that is read."""
    for minimal in (False, True):
        message = Message(summary, LATER, BASE, minimal)
        card = render_message(message)
        assert schema_faults(card) == []
        yield f"card, minimal {minimal}", read_text(card)
    message = Message(summary, LATER, BASE)
    yield "console", render_text(message, "cex", color=False)
    yield "plain text", "\n".join([subject(message), *plain_lines(message)])
    mail = MAIL._mail(message, cast("Any", None))
    page = html.unescape(re.sub(r"<[^>]+>", "\n", str(mail.alternatives[0][0])))
    yield "mail", f"{mail.subject}\n{mail.body}\n{page}"
    yield "webhook text", json.loads(encode_payload(render_payload(message)))["text"]
    line = DigestLine(
        7,
        summary.reasons,
        summary.category,
        summary.title,
        tuple(sorted({line.token for line in (*summary.at_risk, *summary.other_tokens)})),
        None if summary.over else summary.action,
        summary.status,
        tuple(subject_of(line) for line in summary.at_risk),
        "" if summary.over or not summary.action else action_text(summary),
        summary.ended,
        summary.deferred,
    )
    digest = Digest("digest", "1 event at once", (line,))
    yield "digest card", read_text(render_message(Message(digest, LATER, BASE)))
    yield "digest text", "\n".join(plain_lines(Message(digest, LATER, BASE)))


ORDERS = {
    "avoid_new": "open nothing new",
    "reduce_only": "reduce only",
    "exit": "exit",
    "halt": "halt",
    "delisting": "delisting",
    "trading_suspended": "trading suspended",
    "delisted": "delisted",
    "critical": "critical",
}


def orders_in(text: str) -> set[str]:
    """The orders and states that a text names outside of what it says that was."""
    text = re.sub(r"\bwas(?: wrong)?:?\s+[^\n]*?(?= · |\n|$)", "", text.replace("_", " ").lower())
    return {name for name, words in ORDERS.items() if re.search(rf"\b{words}\b", text)}


actions = st.sampled_from(Action.values)
statuses = st.sampled_from(TradingStatus.values)
PAIRS = {token: [f"BINANCE:{token}{quote}" for quote in ("USDT", "USDC", "RON")] for token in TOKENS}


@st.composite
def effects(draw: Any) -> Any:
    token = draw(st.sampled_from(TOKENS))
    scope = draw(st.sampled_from(["asset", "venue", "pairs"]))
    return unsaved_effect(
        token,
        scope=scope,
        venue="" if scope == "asset" else draw(st.sampled_from(["BINANCE", "BINANCE_USDM"])),
        tickers=sorted(draw(st.sets(st.sampled_from(PAIRS[token]), min_size=1))),
        action=draw(actions),
        trading_status=draw(statuses),
        risk_level=draw(st.sampled_from(RiskLevel.values)),
        trading_ends_at=draw(st.sampled_from([None, NOW + timedelta(days=2)])),
    )


@st.composite
def standings(draw: Any) -> Restriction:
    effect = draw(effects())
    number = draw(st.integers(10, 13))
    return Restriction(
        number, effect.token, effect.scope, effect.venue, tuple(effect.tickers), effect.action, effect.trading_status
    )


def expected_now(token: str, others: list[Restriction]) -> str:
    """As the view has it, said again: the strictest, where single pairs are worth a watch."""
    found = ["watch" if other.scope == "pairs" else other.action for other in others if other.token == token]
    return max(found, key=Action.values.index, default="none")


@settings(max_examples=25, deadline=None)
@given(
    found=st.lists(effects(), max_size=6),
    others=st.lists(standings(), max_size=4),
    lowered=st.booleans(),
    false_alarm=st.booleans(),
    reasons=st.lists(st.sampled_from(["opened", "worse", "updated", "reminder", "repeat"]), max_size=2, unique=True),
)
def test_no_card_of_what_is_over_contains_an_order_that_no_longer_holds(
    found: list[Any], others: list[Restriction], lowered: bool, false_alarm: bool, reasons: list[str]
) -> None:
    how: dict[str, Any] = {"priority": "low"} if lowered else {**ENDED, "false_alarm": false_alarm}
    dates = [{"at": (NOW + timedelta(days=2)).isoformat(), "what": "delisting, exit", "tickers": []}]
    event = unsaved_event(category="hack", important_dates=dates, facts={"price": 0.91}, **how)
    changes: dict[str, Any] = {
        "LUNA on BINANCE": ["reduce_only trading", "exit delisting"],
        "effects": [["a"], ["LUNA: halt"]],
    }
    summary = summarize(event, found, WATCH, [*reasons, "closed"], changes, 0, others)
    still = set().union(*({other.action, other.trading_status} for other in others)) if others else set()
    for name, text in renderings(summary):
        assert orders_in(text) <= still, (name, text)
    whole = [line for line in summary.at_risk if not line.single_pairs]
    assert {line.token: line.action for line in whole} == {
        line.token: expected_now(line.token, others) for line in whole
    }
    payload = json.loads(encode_payload(render_payload(Message(summary, LATER, BASE))))["event"]
    # For programs: every field says what holds now; the old order stands under `was` alone.
    old = payload.pop("was")
    assert orders_in(json.dumps(payload)) <= still
    assert (old["action"] is None) == (not found)


def test_a_closed_card_says_what_was_and_what_holds_now_in_one_line() -> None:
    effect = unsaved_effect(action="exit")
    assert summarize(unsaved_event(**ENDED), [effect], WATCH, ["closed"], {}).ended == (
        "was: exit on Binance spot · now: no restriction · lasted 3 h 10 min"
    )
    other = Restriction(12, "LUNA", "asset", "", (), "reduce_only", "trading")
    summary = summarize(unsaved_event(**ENDED), [effect], WATCH, ["closed"], {}, 0, [other])
    assert summary.ended == "was: exit on Binance spot · now: reduce only (another event, #12) · lasted 3 h 10 min"
    assert (summary.action, summary.now and summary.now.event_ids) == ("reduce_only", (12,))


def test_of_several_tokens_each_is_told_what_holds_for_it() -> None:
    found = [unsaved_effect("LUNA", action="exit"), unsaved_effect("ETH", action="exit")]
    other = Restriction(12, "ETH", "venue", "OKX", (), "halt", "trading_suspended")
    assert summarize(unsaved_event(**ENDED), found, WATCH, ["closed"], {}, 0, [other]).ended == (
        "was: ETH, LUNA: exit on Binance spot · now: ETH: halt on OKX spot (another event, #12); otherwise no"
        " restriction · lasted 3 h 10 min"
    )


def test_of_single_pairs_only_what_concerns_these_pairs_holds_now() -> None:
    found = [unsaved_effect("ETH", scope="pairs", tickers=["BINANCE:ETHUSDC", "BINANCE:ETHUSDT"], action="exit")]

    def now(*others: Restriction) -> str:
        summary = summarize(unsaved_event(**ENDED), found, WATCH, ["closed"], {}, 0, others)
        return summary.now.text if summary.now else ""

    assert now(Restriction(12, "ETH", "pairs", "BINANCE", ("BINANCE:ETHBTC",), "halt", "delisted")) == "no restriction"
    assert now(Restriction(12, "ETH", "venue", "OKX", ("OKX:ETH-USDT",), "halt", "delisted")) == "no restriction"
    pair = Restriction(12, "ETH", "pairs", "BINANCE", ("BINANCE:ETHUSDT",), "exit", "delisting")
    assert now(pair) == "ETH/USDT: exit (another event, #12)"
    assert now(Restriction(12, "ETH", "asset", "", (), "avoid_new", "trading")) == (
        "ETH/USDC, ETH/USDT: open nothing new (another event, #12)"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (42, "42 s"),
        (61, "1 min"),
        (11_400, "3 h 10 min"),
        (7200, "2 h"),
        (90_000, "1 d 1 h"),
        (86_400, "1 d"),
    ],
)
def test_how_long_it_lasted_is_told_in_two_units(seconds: float, text: str) -> None:
    assert span(seconds) == text


@settings(max_examples=10, deadline=None)
@given(
    tickers=st.sets(st.sampled_from(PAIRS["ETH"]), min_size=1),
    action=actions,
    status=statuses,
    reason=st.sampled_from(["opened", "updated", "reminder", "worse", "escalated"]),
    closed=st.booleans(),
)
def test_a_card_about_single_pairs_never_names_the_coin_as_the_thing_to_leave(
    tickers: set[str], action: str, status: str, reason: str, closed: bool
) -> None:
    effect = unsaved_effect("ETH", scope="pairs", tickers=sorted(tickers), action=action, trading_status=status)
    changes = {", ".join(sorted(tickers)): ["watch trading", f"{action} {status}"]}
    event = unsaved_event(category="hack", **(ENDED if closed else {}))
    summary = summarize(event, [effect], WATCH, [reason], changes)
    for name, text in renderings(summary):
        # Every ETH is the beginning of a pair: "ETH/USDC" or "BINANCE:ETHUSDC".
        assert not re.search(r"\bETH\b(?!/)", text), (name, text)
        assert "ETH/" in text, (name, text)
    payload = json.loads(encode_payload(render_payload(Message(summary, LATER, BASE))))
    assert payload["event"]["at_risk"][0]["pairs"]


def test_the_token_at_risk_never_stands_among_others() -> None:
    found = [unsaved_effect("XYZ", scope="asset", venue="", tickers=[], action="halt"), unsaved_effect("QQQ")]
    for name, text in renderings(summarize(unsaved_event(category="manual"), found, WATCH, ["opened"], {})):
        assert "XYZ" in text and "Other token" not in text, (name, text)
    mixed = summarize(unsaved_event(), [unsaved_effect("LUNA"), unsaved_effect("QQQ")], WATCH, ["opened"], {})
    assert "Other token: QQQ" in dict(renderings(mixed))["console"]


def test_a_manual_block_names_its_author_and_the_note_also_when_it_is_over() -> None:
    for fields in ({}, ENDED):
        event = unsaved_event(source="manual", category="manual", **fields)
        summary = summarize(event, [unsaved_effect()], WATCH, ["opened"], {}, manual=Manual("ann", "rumours of a hack"))
        texts = dict(renderings(summary))
        for name in ("card, minimal False", "card, minimal True", "console", "webhook text"):
            assert "ann" in texts[name] and "rumours of a hack" in texts[name], name


def test_a_correction_says_what_was_before_what_holds() -> None:
    changes = {"LUNA on BINANCE": ["action exit", "action watch"], "title": ["Old", "New"]}
    summary = summarize(unsaved_event(), [unsaved_effect(action="watch")], WATCH, ["updated"], changes)
    for name, text in list(renderings(summary))[2:6]:
        assert "was: exit · now: watch" in text and "“Old”" in text, name
        assert "exit" not in orders_in(text), name


@pytest.mark.parametrize(
    ("token", "ticker", "name"),
    [
        ("ETH", "BINANCE:ETHUSDC", "ETH/USDC"),
        ("USDC", "BINANCE:ETHUSDC", "ETH/USDC"),
        ("ETH", "OKX:ETH-USDT", "ETH/USDT"),
        ("ETH", "OKX_SWAP:ETH-USDT-SWAP", "ETH-USDT-SWAP"),
        ("SHIB", "BINANCE_USDM:1000SHIBUSDT", "1000SHIBUSDT"),
        ("BTC", "BINANCE_COINM:BTCUSD_PERP", "BTCUSD_PERP"),
        ("BTC", "KRAKEN:XXBTZUSD", "XXBTZUSD"),
        ("", "BINANCE:ETHUSDC", "ETHUSDC"),
        ("DOGE", "KRAKEN:XDGUSD", "DOGE/USD"),
        ("BTC", "KRAKEN:ETHXBT", "ETH/BTC"),
        ("SATS", "BINANCE:1000SATSUSDT", "1000SATS/USDT"),
    ],
)
def test_a_pair_is_called_by_its_name(token: str, ticker: str, name: str) -> None:
    assert pair_label(token, ticker) == name
