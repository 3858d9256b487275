"""Halts and maintenances of exchanges, manual blocks, and the monitoring itself, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alerts.rendering.cards.card import Fact
from alerts.rendering.cards.facts.phrase import Kind, Phrase, Values
from alerts.rendering.cards.facts.places import enumerated, subjects, trading_on, venues_of, venues_words
from alerts.rendering.phrases import clean, source_label
from alerts.rendering.places import exchange_text, venue_text
from crypto_ews.ui.text import words
from events.enums import Category, TradingStatus

HALTED_ON = "halted on "
_NOT_STOPPED = frozenset({None, TradingStatus.TRADING})
# What OKX stops, by the number that it gives (https://www.okx.com/docs-v5, GET /api/v5/system/status, serviceType).
_OKX_SERVICES = {
    "0": "WebSocket",
    "1": "spot trading",
    "2": "futures",
    "3": "perpetual swaps",
    "4": "options",
    "5": "the trading service",
    "6": "block trading",
    "7": "trading bots",
    "8": "the trading service, account by account",
    "9": "the trading service, product by product",
    "10": "spread trading",
    "11": "copy trading",
    "99": "other services",
}


def _why_halt(values: Values) -> str:
    summary = values.summary
    exchange, listed = exchange_text(summary.source), values.text("said", 160)
    venues = venues_of(summary)
    traded = trading_on(venues) if venues else "trading"
    if listed:
        if summary.over:
            return f"{exchange} was in maintenance, or had planned it."
        if summary.category == Category.TRADING_SUSPENSION and summary.trading_status in _NOT_STOPPED:
            return f"{exchange} has planned a maintenance" + (f" that stops {traded}." if venues else ".")
        return f"{exchange} is in maintenance" + (f": {traded} {_have(traded)} stopped." if venues else ".")
    return f"{exchange} {'had' if summary.over else 'has'} halted {traded}."


def _have(traded: str) -> str:
    """ "spot trading has", "spot trading and options have"."""
    return "has" if traded.endswith("trading") and " and " not in traded else "have"


def _signals(values: Values) -> str:
    """ "the instrument list of Binance spot and the system status"."""
    return enumerated(
        [
            f"the instrument list of {venue_text(name.removeprefix('list:'))}"
            if name.startswith("list:")
            else f"the {words(name)}"
            for name in values.names("signals")
        ]
    )


def _service(values: Values) -> str:
    service = values.text("service", 80)
    if values.summary.source == "okx":
        service = _OKX_SERVICES.get(service, "" if service.isdigit() else service)
    # The sentence names the markets that stop.
    shown = trading_on(venues_of(values.summary)).lower()
    return "" if service.isdigit() or service.lower() in shown else words(service)


def _halted(values: Values) -> Sequence[Fact]:
    """A fact for each venue: "Halted on Binance spot", "5 of 10 instruments"."""
    return [
        Fact(f"Halted on {venue_text(key.removeprefix(HALTED_ON))}", text)
        for key in values.stored
        if (text := values.text(key, 60))
    ]


HALT = Kind(
    why=Phrase("", ("said",), _why_halt, past=True),
    facts=(
        Phrase("Reported by", ("signals",), _signals),
        Phrase("Service", ("service",), _service, past=True),
    ),
    unnamed_keys=(f"{HALTED_ON}*",),
    unnamed=_halted,
)


def _why_manual(values: Values) -> str:
    summary = values.summary
    manual = summary.manual
    author = clean(manual.author, 60) if manual and manual.author else "An admin"
    note = values.text("note", 300) or (clean(manual.note, 300) if manual else "")
    whom = subjects(summary) or "what the event names"
    venues = venues_of(summary)
    where = f" on {venues_words(venues)}" if venues else ""
    sentence = f"{author} {'blocked' if summary.over else 'blocks'} {whom}{where}"
    return f"{sentence}: {note}" + ("" if note.endswith((".", "!", "?", "…")) else ".") if note else f"{sentence}."


MANUAL = Kind(why=Phrase("", ("note",), _why_manual, past=True))


_NOT_SEEN = re.compile(r"^(.+): what came since (.+) is not seen$")
_SINCE = re.compile(r"^0?(\d{1,2}) (\w{3}) (\d{4}) (\d\d:\d\d UTC)$")
_SILENT_SINCE = re.compile(r"^silent since [\d: -]+ UTC\.?")
_PAST = {
    "is silent": "was silent",
    "answers in an unknown shape": "answered in an unknown shape",
    "answers with old content": "answered with old content",
}
_SOURCE = re.compile(rf"^Source (\S+) ({'|'.join(_PAST)})$")


def _why_operations(values: Values) -> str:
    """What we cannot see and since when; else what is wrong, by the title."""
    summary = values.summary
    blind = _NOT_SEEN.match(values.text("not seen", 600))
    if blind:
        what, since = blind.groups()
        if at := _SINCE.match(since):
            day, month, year, hour = at.groups()
            since = f"{day} {month}{'' if int(year) == values.now.year else f' {year}'} {hour}"
        what = what[:1].lower() + what[1:]
        return f"We {'did' if summary.over else 'do'} not see {what} since {since}."
    if source := _SOURCE.match(summary.title):
        return f"{source_name(source[1])} {_PAST[source[2]] if summary.over else source[2]}."
    title = clean(summary.title, 200).rstrip(".")
    return f"{title[:1].upper()}{title[1:]}." if not summary.over else f"It is over: {title[:1].lower()}{title[1:]}."


def source_name(source: str) -> str:
    """ "binance.announcements" → "Binance announcements"."""
    first, _, rest = source.partition(".")
    return " ".join(filter(None, (source_label(first), words(rest.replace(".", " ")))))


def _error(values: Values) -> str:
    """The error as it came; not the beginning of a silence, which the sentence has."""
    return _SILENT_SINCE.sub("", values.text("error", 400)).strip()


OPERATIONS = Kind(
    why=Phrase("", ("not seen",), _why_operations, past=True),
    facts=(Phrase("Error", ("error",), _error),),
)
