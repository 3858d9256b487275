"""Updates the table of instruments of each exchange, and records events for changes of status."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from crypto_ews.conf import Config
from events.drafts import EventDraft
from events.enums import OutcomeKind
from events.lifecycle import follow_renamed_coins, reopenable_events
from events.lifecycle.restore import draft_of
from events.models import QuarantinedItem
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import lost_rows, quarantine
from events.sources.content import ContentRule
from events.sources.content import Rows as RowRule
from events.updater import Cycle, EventUpdater, Stopping
from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift, UpstreamError
from events.upstream.text import encodable
from exchanges.content import WITHOUT_TIME_AGES, instruments
from exchanges.instrument_status import ended_by_itself, not_live_yet
from exchanges.instruments.detect import InstrumentSnapshot, Lists, detect_instruments
from exchanges.instruments.lists import InstrumentList, ReadRows, list_version
from exchanges.models import StatusSpell
from exchanges.open_events import open_drafts
from exchanges.wire import BadRow
from markets.identity import Identity
from markets.identity_store import known_identity
from markets.instruments import load_knowledge, store_lists
from markets.knowledge import GONE, InstrumentRow, MarketKnowledge
from markets.models import Instrument
from markets.versions import VersionedCache
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists

# Instruments pending for longer were handled in an earlier cycle.
_WAITS_AT_MOST = timedelta(days=1)
# Requests for single instruments in one cycle; further instruments that vanish are accepted as gone.
_MOST_QUESTIONS = 20

Rows = dict[str, dict[str, InstrumentRow]]


@dataclass(frozen=True)
class _Named:
    """A venue's rows with the assets that their names mean, and the inputs that this was computed from."""

    listed: Mapping[str, InstrumentRow]
    before: Mapping[str, InstrumentRow] | None
    identity: Identity
    named: Mapping[str, InstrumentRow]


class InstrumentUpdater(EventUpdater):
    """One exchange's instruments. Each exchange's module names its lists and parses them."""

    exchange: str
    venues: Sequence[str]

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        # Megabytes that change a few times a day: at most once a minute.
        self.interval_seconds = max(60.0, config.update_refresh_minutes * 60)
        self._payloads: dict[str, str | None] = {}
        self._parsed: VersionedCache[ReadRows] = VersionedCache()
        self._named: dict[str, _Named] = {}
        self._quarantined: frozenset[str] = frozenset()

    @abstractmethod
    def lists(self) -> Sequence[InstrumentList]:
        """The lists that together cover all of the venues."""

    @abstractmethod
    def parse(self, payload: Payload, instrument_list: InstrumentList) -> ReadRows:
        """The rows of a list; raises UpstreamError where it cannot be read."""

    def content(self) -> ContentRule:
        return instruments(self.exchange, *WITHOUT_TIME_AGES)

    def made_at(self, payload: Payload) -> datetime | None:
        """When the exchange made a list; None if the answer has no time."""
        return None

    def is_of(self, row: InstrumentRow, instrument_list: InstrumentList) -> bool:
        """Whether an instrument belongs into this list, of those that share its venue."""
        return row.venue in instrument_list.venues

    def ask(self, row: InstrumentRow, instrument_list: InstrumentList) -> InstrumentRow | None:
        """An instrument by a request of its own; None where the exchange does not know it.

        Called for instruments that a list has lost. Where an exchange has no such request, its list is accepted.
        """
        return None

    def cycle(self) -> Cycle:
        now, cycle = self.now(), Cycle()
        knowledge = load_knowledge(self.venues, at=now)
        before = knowledge.by_venue
        watch = effective_watch_lists(self.config, now)
        self._payloads = {}
        quarantined = QuarantinedItem.objects.filter(source=self.name, resolved_at=None)
        self._quarantined = frozenset(quarantined.values_list("item_key", flat=True))
        listed = self._read_lists(before, watch, cycle)
        if not listed and cycle.failures:
            raise cycle.failures[0]
        current = {venue: self._as_known(venue, rows, knowledge) for venue, rows in listed.items()}
        cycle.items = sum(len(rows) for rows in current.values())
        drafts = detect_instruments(
            InstrumentSnapshot(
                exchange=self.exchange,
                before={venue: rows for venue, rows in before.items() if venue in current},
                current=current,
                watch=watch,
                now=now,
                waiting=_waiting(self.exchange, before, now),
                open_events=open_drafts(self.exchange),
                returning=[draft_of(event) for event in reopenable_events(self.exchange, now)],
            )
        )
        cycle.drafts = [replace(draft, payload=self._payload_of(draft)) for draft in drafts]
        cycle.on_recorded = lambda outcomes: self._on_recorded(before, current, drafts, outcomes, now)
        return cycle

    def _read_lists(self, before: Lists, watch: WatchLists, cycle: Cycle) -> Rows:
        """venue → symbol → row of every venue that could be read; failures go into the cycle.

        If one of several lists of a venue fails, the instruments of that list stay as they were.
        """
        current: Rows = {}
        unread: list[InstrumentRow] = []
        for instrument_list in self.lists():
            known = [
                row
                for venue in instrument_list.venues
                for row in before.get(venue, {}).values()
                if row.status != GONE and self.is_of(row, instrument_list)
            ]
            try:
                payload = self.fetch(instrument_list.source, instrument_list.url)
                version, made_at = list_version(payload), self.made_at(payload)
                parse = partial(self.parse, payload, instrument_list)
                rows, bad_rows = self._parsed.of(instrument_list.name, version, parse)
                listed = [*still_unread(bad_rows, known), *rows]
                self._check_not_broken(instrument_list, known, listed)
                self.saw(instrument_list.name, at=made_at, digest=version.hex())
                if self.content_watch and self.content_watch.went_back(instrument_list.name, made_at):
                    # An older copy from the exchange's cache: a pair that was suspended since would trade again.
                    unread += known
                    continue
            except Stopping:
                raise
            except UpstreamError as error:
                cycle.failures.append(error)
                unread += known
                continue
            self._quarantine_rows(instrument_list.name, bad_rows, payload.archived_as)
            listed += self._listed_after_all(instrument_list, known, listed, watch, cycle)
            for venue in instrument_list.venues:
                self._payloads.setdefault(venue, payload.archived_as)
                of_venue = {row.symbol: row for row in listed if row.venue == venue}
                if of_venue or venue in before:
                    current.setdefault(venue, {}).update(of_venue)
        for row in unread:
            if row.venue in current:
                current[row.venue].setdefault(row.symbol, row)
        return current

    def _check_not_broken(
        self, instrument_list: InstrumentList, known: Iterable[InstrumentRow], listed: Iterable[InstrumentRow]
    ) -> None:
        """Raises SchemaDrift where more than a tenth of the listed instruments is suddenly missing.

        A list that repeats the loss is accepted (`events.sources.lost_rows`): venues do remove instruments at times.
        """
        now = self.now()
        expected = {
            row.symbol
            for row in known
            if row.status != GONE and not (row.ends_at is not None and ended_by_itself(row, now))
        }
        missing = expected - {row.symbol for row in listed}
        rule = self.content().rows or RowRule(fewest=1)
        if not rule.lost_too_many(len(missing), len(expected)):
            if lost_rows.has_item_of(self._quarantined, instrument_list.name):
                lost_rows.forget(self.name, instrument_list.name, now)
        elif not lost_rows.is_accepted(self.name, instrument_list.name, missing, len(expected), rule, now):
            most = f"most of the {len(expected)} instruments known on {instrument_list.name}"
            raise SchemaDrift(instrument_list.source, "symbols", most, f"{len(missing)} of them missing")

    def _listed_after_all(
        self,
        instrument_list: InstrumentList,
        known: Sequence[InstrumentRow],
        listed: Sequence[InstrumentRow],
        watch: WatchLists,
        cycle: Cycle,
    ) -> list[InstrumentRow]:
        """Watched instruments that the list has lost, and that the exchange still returns to a request for each."""
        now, symbols = self.now(), {row.symbol for row in listed}
        lost = [
            row
            for row in known
            if row.symbol not in symbols
            and not ended_by_itself(row, now)
            and watch.pair(row.token, row.quote, row.venue)
        ]
        found = []
        for row in lost[:_MOST_QUESTIONS]:
            try:
                single = self.ask(row, instrument_list)
            except Stopping:
                raise
            except UpstreamError as error:
                cycle.failures.append(error)
                single = row
            if single:
                found.append(single)
        return found

    def _as_known(
        self, venue: str, rows: Mapping[str, InstrumentRow], knowledge: MarketKnowledge
    ) -> Mapping[str, InstrumentRow]:
        """The rows with the assets that their bases mean; the rows of the last reading while nothing changes."""
        before, identity = knowledge.by_venue.get(venue), knowledge.identity
        cached = self._named.get(venue)
        if (
            cached is None
            or before is None
            or cached.before is not before
            or cached.identity is not identity
            or cached.listed != rows
        ):
            named = {symbol: _as_known(row, knowledge) for symbol, row in rows.items()}
            cached = self._named[venue] = _Named(rows, before, identity, named)
        return cached.named

    def _payload_of(self, draft: EventDraft) -> str | None:
        """The digest of the list behind a draft; an announcement's event keeps the article that it came from."""
        if draft.kind not in ("instrument_status", "exchange_halt"):
            return None
        return next((self._payloads.get(effect.venue) for effect in draft.effects), None)

    def _on_recorded(
        self,
        before: Lists,
        current: Lists,
        drafts: Sequence[EventDraft],
        outcomes: Sequence[Outcome],
        now: datetime,
    ) -> None:
        for draft, outcome in zip(drafts, outcomes, strict=True):
            if outcome.kind == OutcomeKind.FAILED:
                quarantine.quarantine_item(self.name, draft.natural_key, now, title=draft.title, error=outcome.reason)
        for venue, rows in current.items():
            _record_periods(venue, before.get(venue, {}), rows, now)
        follow_renamed_coins(now, known_identity())
        store_lists({venue: rows.values() for venue, rows in current.items()}, now)

    def _quarantine_rows(self, where: str, bad_rows: Sequence[BadRow], payload: str | None) -> None:
        """Quarantine the rows that could not be read; resolve rows that can be read again or are gone."""
        now = self.now()
        for bad in bad_rows:
            quarantine.quarantine_item(
                self.name,
                f"{where}:{bad.key}",
                now,
                title=where,
                error=bad.error,
                excerpt=bad.excerpt,
                payload=payload,
            )
        quarantined = {key for key in self._quarantined if key.startswith(f"{where}:")}
        still = {encodable(f"{where}:{bad.key}") for bad in bad_rows}
        # It can be read now, or it is not listed any more.
        for key in quarantined - still:
            quarantine.resolve(self.name, key, now)


def _as_known(row: InstrumentRow, knowledge: MarketKnowledge) -> InstrumentRow:
    """The row with the asset that its base means; for an unknown name, the token as parsed."""
    before = knowledge.find(row.venue, row.symbol)
    if before == row:
        return row
    if before and before.base == row.base:
        return replace(row, token=before.token, multiplier=before.multiplier)
    found = knowledge.identity.resolve(row.venue, row.base, knowledge.at) if knowledge.at else None
    return replace(row, token=found.asset, multiplier=found.multiplier) if found else row


def still_unread(bad_rows: Iterable[BadRow], known: Iterable[InstrumentRow]) -> list[InstrumentRow]:
    """Instruments whose row could not be read: they are listed, and stay as they were."""
    keys = {bad.key for bad in bad_rows}
    return [row for row in known if row.symbol in keys]


def _waiting(exchange: str, before: Lists, now: datetime) -> dict[str, datetime]:
    """Ticker → since when an instrument that traded before is pending."""
    pending_words = not_live_yet(exchange)
    venues = [venue for venue, rows in before.items() if any(row.status in pending_words for row in rows.values())]
    if not venues:
        return {}
    pending = {
        (venue, symbol): since
        for venue, symbol, since in Instrument.objects.filter(
            venue__in=venues, status__in=pending_words, since__gt=now - _WAITS_AT_MOST
        ).values_list("venue", "symbol", "since")
    }
    if not pending:
        return {}
    periods = StatusSpell.objects.filter(venue__in=venues, symbol__in=[symbol for _, symbol in pending])
    last = {
        (venue, symbol): live
        for venue, symbol, live in periods.order_by("ended_at", "id").values_list("venue", "symbol", "live")
    }
    return {f"{venue}:{symbol}": since for (venue, symbol), since in pending.items() if last.get((venue, symbol))}


def _record_periods(
    venue: str, before: Mapping[str, InstrumentRow], current: Mapping[str, InstrumentRow], now: datetime
) -> None:
    """Store the status periods that end with this reading."""
    ended = {
        symbol: row
        for symbol, row in before.items()
        if row.status != (current[symbol].status if symbol in current else GONE)
    }
    if not ended:
        return
    since = dict(Instrument.objects.filter(venue=venue, symbol__in=list(ended)).values_list("symbol", "since"))
    StatusSpell.objects.bulk_create(
        [
            StatusSpell(
                venue=venue, symbol=symbol, status=row.status, live=row.live, began_at=since[symbol], ended_at=now
            )
            for symbol, row in ended.items()
            if symbol in since
        ],
        batch_size=500,
    )
