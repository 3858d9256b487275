"""Announcements and instrument lists of exchanges, in words: "Binance removes ETH/USDC from spot trading"."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from alerts.rendering.cards.facts.figures import times
from alerts.rendering.cards.facts.phrase import Kind, Phrase, Values, stored_moment
from alerts.rendering.cards.facts.places import (
    enumerated,
    subjects,
    ticker_words,
    trading_of,
    trading_on,
    venues_of,
    venues_words,
)
from alerts.rendering.phrases import clean
from alerts.rendering.places import exchange_text, time_and_distance, time_text, venue_text
from alerts.rendering.subjects import NAMED
from crypto_ews.ui.text import words
from events.enums import Action, Category, Scope, TradingStatus

_WALLETS: Mapping[str, str] = {
    TradingStatus.DEPOSITS_SUSPENDED: "deposits",
    TradingStatus.WITHDRAWALS_SUSPENDED: "withdrawals",
    TradingStatus.WALLET_SUSPENDED: "deposits and withdrawals",
}
_NONE_YET = "no announcement yet"
_TRADES = frozenset({"trading", "live", "online"})
_ENDED = frozenset({TradingStatus.DELISTED})
_STOPPED = frozenset({TradingStatus.TRADING_SUSPENDED, TradingStatus.DELISTED})
_MARKETS = {
    "spot": "spot trading",
    "margin": "margin trading",
    "usdm": "linear contracts",
    "coinm": "inverse contracts",
    "options": "options",
    "alpha": "Alpha trading",
    "loan": "loans",
    "multiple": "several markets",
}


def _why(values: Values) -> str:
    """The sentence: what the exchange does, as its latest notice or its list has it."""
    summary = values.summary
    exchange, phase = exchange_text(summary.source), values.text("phase", 20)
    if values.text("told_by"):
        return _by_list(values)
    noun = _noun(values)
    if summary.over:
        return f"{exchange} announced {noun}."
    if phase == "postponed":
        return f"{exchange} postpones {noun}."
    if phase == "updated":
        return f"{exchange} corrects its notice about {noun}."
    return f"{exchange} {_verb(values)}."


def _noun(values: Values) -> str:
    """What was announced, as a noun: "the removal of LUNA from spot trading"."""
    whom = _whom(values)
    match values.summary.category:
        case Category.DELISTING:
            return f"the removal of {whom}{_from(values)}"
        case Category.TRADING_SUSPENSION:
            return f"a stop of {_trading(values, whom)}"
        case Category.WALLET_SUSPENSION:
            return f"a stop of {_planned(values)} of {whom}{_on_networks(values)}"
        case Category.HARD_FORK:
            return f"a hard fork of {_the_networks(values, whom)}"
        case Category.NETWORK_UPGRADE:
            return f"an upgrade of {_the_networks(values, whom)}"
        case Category.TOKEN_MIGRATION:
            return f"the migration of {whom}"
        case Category.RISK_WARNING:
            return f"{_tag(values)} on {whom}"
    return f"a notice about {whom}"


def _verb(values: Values) -> str:
    """What the exchange does with what the notice names; "has" once it is in force."""
    summary, whom = values.summary, _whom(values)
    status = summary.trading_status or ""
    ends = summary.trading_ends_at
    match summary.category:
        case Category.DELISTING:
            gone = status in _ENDED or (ends is not None and ends <= values.now)
            return f"{'has removed' if gone else 'removes'} {whom}{_from(values)}"
        case Category.TRADING_SUSPENSION:
            return f"{'has stopped' if status in _STOPPED else 'stops'} {_trading(values, whom)}"
        case Category.WALLET_SUSPENSION:
            closed = _WALLETS.get(status)
            verb = f"has suspended {closed}" if closed else f"suspends {_planned(values)}"
            return f"{verb} of {whom}{_on_networks(values)}"
        case Category.HARD_FORK | Category.NETWORK_UPGRADE:
            closed = _WALLETS.get(status)
            what = "a hard fork" if summary.category == Category.HARD_FORK else "an upgrade"
            if closed and not _networks_text(values):
                return f"has suspended {closed} of {whom} for {what} of its network"
            if closed:
                return f"has suspended {closed} of {whom} for {_noun(values)}"
            dates = [line.at for line in summary.dates]
            if dates and max(dates) <= values.now:
                return f"supports {_noun(values)}, which was due {time_text(max(dates), values.now)}"
            return f"prepares for {_noun(values)}"
        case Category.TOKEN_MIGRATION:
            return f"replaces, renames or splits {whom}: the old pairs end"
        case Category.RISK_WARNING:
            return f"puts {_tag(values)} on {whom}: a removal may follow"
    return f"published a notice about {whom}"


def _by_list(values: Values) -> str:
    """The sentence of an event that a list opened, before any announcement."""
    summary = values.summary
    whom, venues = _whom(values), venues_of(summary)
    tag = values.text("tag", 60)
    exchange = exchange_text(summary.source)
    if tag:
        carried = "carried" if summary.over else "carries"
        return f"{whom} {carried} the {tag} tag on {exchange}" + ("." if summary.over else ": a removal may follow.")
    of = venues_words(venues) if venues else exchange
    shown = f"The instrument list of {of} {'showed' if summary.over else 'shows'}"
    ends = summary.trading_ends_at
    if summary.over:
        return f"{shown} an end or a stop of trading in {whom}."
    if summary.action == Action.AVOID_NEW and summary.trading_status == TradingStatus.TRADING:
        return f"{shown} that only some orders are taken in {whom}."
    if summary.category == Category.DELISTING and ends is not None and ends > values.now:
        return f"{shown} that trading in {whom} will end."
    if summary.category == Category.DELISTING:
        return f"{shown} that trading in {whom} has ended."
    return f"{shown} that trading in {whom} has stopped."


def _whom(values: Values) -> str:
    return subjects(values.summary) or enumerated(values.names("tokens")) or "assets that it does not name"


def _venues(values: Values) -> list[str]:
    return venues_of(values.summary)


def _from(values: Values) -> str:
    """ " from spot trading"; of a coin on all markets " from all its markets"."""
    venues = _venues(values)
    if venues:
        return f" from {trading_on(venues)}"
    lines = values.summary.at_risk
    if lines and all(line.scope == Scope.ASSET for line in lines):
        return " from all its markets"
    market = _MARKETS.get(values.text("market", 20), "")
    return f" from {market}" if market else ""


def _trading(values: Values, whom: str) -> str:
    """ "spot trading of LUNA"."""
    venues = _venues(values)
    if venues:
        return trading_of(whom, venues)
    market = _MARKETS.get(values.text("market", 20), "")
    if not market or market.endswith("trading"):
        return f"{market or 'trading'} of {whom}"
    return f"trading of {whom} in {market}"


def _tag(values: Values) -> str:
    """ "the Monitoring tag"; "a warning" where no tag is known."""
    known = [fact for fact in values.table("tags").values() if isinstance(fact, Mapping)]
    tags = [values.text("tag", 60), *(str(fact.get("tag") or "") for fact in known)]
    named = list(dict.fromkeys(clean(tag, 60) for tag in tags if tag))
    if named:
        return f"the {enumerated(named)} tag"
    title = values.summary.title.casefold()
    return "a monitoring tag" if "monitoring tag" in title else "a warning"


def _the_networks(values: Values, whom: str) -> str:
    """ "the Ethereum network"; notices often name a network like its coin."""
    names = values.names("networks")
    if not names:
        return f"the network of {whom}"
    bare = [name.removesuffix(" network").removesuffix(" Network") for name in names]
    return f"the {enumerated(bare)} network{'s' if len(names) > 1 else ''}"


def _planned(values: Values) -> str:
    """What is closed of a wallet, as far as the dates tell: "deposits", "deposits and withdrawals"."""
    dates = " ".join(date.what for date in values.summary.dates).lower()
    named = [what for what in ("deposits", "withdrawals") if what in dates]
    return named[0] if len(named) == 1 else "deposits and withdrawals"


def _networks_text(values: Values) -> str:
    return enumerated(values.names("networks"))


def _on_networks(values: Values) -> str:
    return f" on {_the_networks(values, '')}" if values.names("networks") else ""


def _reported_by(values: Values) -> str:
    reporter = values.text("told_by")
    return "" if _NONE_YET in reporter else reporter


def _announcement(values: Values) -> str:
    # The sentence names the list already.
    return "none yet" if _NONE_YET in values.text("told_by") else ""


def _list_status(values: Values) -> str:
    status = words(values.text("status", 100)).lower()
    # An instrument that trades and has an end is in the sentence.
    return f"listed as {status}" if status and status not in _TRADES else ""


def _on_the_list(values: Values) -> str:
    """What the list shows of the event's instruments: "LUNA/USDT has stopped, since 2 Oct 08:00 UTC"."""
    known = {
        ticker: fact for ticker, fact in values.table("instruments").items() if isinstance(fact, Mapping)
    }  # fmt: skip
    stopped = {t: at for t, fact in known.items() if not fact.get("resumed_at") and (at := _at(fact, "since"))}
    resumed = {t: at for t, fact in known.items() if (at := _at(fact, "resumed_at"))}
    stopped = {ticker: at for ticker, at in stopped.items() if at <= values.now}
    parts = [
        _some(stopped, len(known), "has stopped", "have stopped", values),
        _some(resumed, len(known), "trades again", "trade again", values),
        _ends(known, values),
    ]
    if converted := [ticker for ticker, fact in known.items() if fact.get("converted")]:
        parts.append(f"{_pairs(converted, values)} made a dated contract")
    if not any(parts):
        statuses = {words(str(fact["status"])).lower() for fact in known.values() if fact.get("status")}
        return "" if values.text("status") or not statuses else f"listed as {enumerated(sorted(statuses))}"
    return "; ".join(filter(None, parts))


def _at(fact: Mapping[str, Any], key: str) -> datetime | None:
    return stored_moment(fact.get(key))


def _some(found: Mapping[str, datetime], total: int, one: str, many: str, values: Values) -> str:
    if not found:
        return ""
    if len(found) == 1:
        ((ticker, at),) = found.items()
        if total == 1 and values.text("told_by"):
            # The sentence names the pair and what it does.
            return f"seen so since {time_text(at, values.now)}"
        return f"{_pairs([ticker], values)} {one}, since {time_text(at, values.now)}"
    of = f"all {total}" if len(found) == total else f"{len(found)} of {total}"
    return f"{of} pairs {many}, the first at {time_text(min(found.values()), values.now)}"


def _ends(known: Mapping[str, Mapping[str, Any]], values: Values) -> str:
    """An end by the list that is not the announced one."""
    other: dict[str, datetime] = {}
    for ticker, fact in known.items():
        end, announced = _at(fact, "ends_at"), _at(fact, "announced")
        if end and end > values.now and announced and end != announced:
            other[ticker] = end
    if not other:
        return ""
    first = min(other.values())
    return f"the list ends {_pairs(other, values)} at {time_text(first, values.now)}, not as announced"


def _pairs(tickers: Collection[str], values: Values) -> str:
    named = [ticker_words(name, _token_of(name, values), venue=False) for name in itertools.islice(tickers, NAMED)]
    return enumerated(named, more=len(tickers) - len(named))


def _token_of(ticker: str, values: Values) -> str:
    lines = values.summary.at_risk
    return next((line.token for line in lines if line.token in ticker.rpartition(":")[2]), "")


def _tags(values: Values) -> str:
    parts = []
    for token, fact in values.table("tags").items():
        if not isinstance(fact, Mapping):
            continue
        since, removed = _at(fact, "since"), _at(fact, "removed_at")
        when = f" since {time_text(since, values.now)}" if since else ""
        gone = f", removed {time_and_distance(removed, values.now)}" if removed else ""
        parts.append(f"{clean(str(token), 40)}: {clean(str(fact.get('tag') or 'a tag'), 60)}{when}{gone}")
    more = len(parts) - 3
    return "; ".join(parts[:3]) + (f"; and {times(more, 'more token')}" if more > 0 else "")


def _relisted(values: Values) -> str:
    parts = []
    for where, fact in values.table("relisted").items():
        if isinstance(fact, Mapping) and fact.get("ticker"):
            at = _at(fact, "at")
            when = f" since {time_text(at, values.now)}" if at else ""
            venue, _, token = where.partition(":")
            pair = ticker_words(str(fact["ticker"]), token, venue=False)
            parts.append(f"{pair} on {venue_text(venue)}{when}")
    return enumerated(parts)


def _untagged(values: Values) -> str:
    return enumerated(values.names("lifted"), 6)


def _follow_up(values: Values) -> str:
    """The latest of the notices that changed the event; the event's title is that of the notice with its dates."""
    title = values.text("follow_up", 160)
    if not title or title == clean(values.summary.title, 160):
        return ""
    count = len(values.names("follow_ups"))
    return f"“{title}”" + (f", the last of {count} follow-ups" if count > 1 else "")


NOTICE = Kind(
    why=Phrase("", ("phase", "market", "networks", "tokens", "tags", "tag", "told_by"), _why, past=True),
    facts=(
        Phrase("Announcement", ("told_by",), _announcement),
        Phrase("Reported by", ("told_by",), _reported_by, past=True),
        Phrase("Instrument list", ("instruments", "status", "told_by"), _on_the_list),
        Phrase("Status", ("status",), _list_status),
        Phrase("Trades again", ("relisted",), _relisted, past=True),
        Phrase("Tag by the list", ("tags",), _tags),
        Phrase("Lose their tag", ("lifted",), _untagged, past=True),
        Phrase("Latest notice", ("follow_up", "follow_ups"), _follow_up, past=True),
    ),
    unshown={
        "rule": "how we read the notice: for the admin",
        "body_read": "how we read the notice: for the admin",
        "tickers": "the card lists the pairs that are affected",
        "follow_up_url": "an address: the card has the link of the event's notice",
    },
)
