"""The two lists of DeFiLlama, hacks and bridge hacks, each a source of its own; what both tell is one event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from crypto_ews.conf import Config
from defillama import content
from defillama.hacks.client import HackList, HackRow, parse_hacks
from defillama.hacks.detect import (
    KEY_PREFIX,
    KIND,
    SOURCE,
    Hack,
    HackContext,
    fold,
    hack_draft,
    is_old_news,
    rows_as_json,
    rows_from_json,
)
from defillama.hacks.entries import Entries, entries_of
from defillama.hacks.models import SeenHack
from defillama.hacks.reference import load_targets
from defillama.hacks.site_fallback import fetch_page_data
from events.drafts import EventDraft
from events.enums import Category, OutcomeKind, Status
from events.lifecycle import reopenable_events
from events.models import QuarantinedItem, plain_events
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import lost_rows, quarantine
from events.sources.absence import Patience, taken_back
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater, Stopping
from events.upstream.errors import SchemaDrift, UpstreamError
from markets.instruments import load_knowledge
from markets.watch_store import effective_watch_lists

logger = logging.getLogger(__name__)

Rows = tuple[HackRow, ...]
State = SeenHack.State
_HACKS, _BRIDGE_HACKS = "defillama.hacks", "defillama.bridge_hacks"
# The list of all hacks is the fuller one: what it says of a hack holds against the other.
_BY_TRUST = (_HACKS, _BRIDGE_HACKS)
_API = "the API's answer"
# DeFiLlama's copies may be a few minutes old, and differ from one to the next.
_PATIENCE = Patience()


class HackUpdater(EventUpdater):
    """Reads a list whole, as it has no pages, and records what is new in it and what became of open events."""

    name = _HACKS
    bridges_only = False

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.interval_seconds = config.defillama_update_minutes * 60

    @property
    def url(self) -> str:
        return self.config.defillama_hacks_url

    def content(self) -> ContentRule:
        return content.hacks()

    def cycle(self) -> Cycle:
        now = self.now()
        cycle = Cycle()
        listed, entries, payload = self._read(cycle)
        self._put_aside(listed, payload, now)
        cycle.items = len(listed.rows)
        open_keys = _open_keys()
        gone = self._gone(listed, entries, open_keys)
        wanted = [*entries.groups, *open_keys, *gone]
        seen = {row.natural_key: row for row in SeenHack.objects.filter(natural_key__in=wanted)}
        changed = self._changed(entries, gone, seen, listed.from_site, now)
        news = {key for key, row in changed.items() if row.state == State.NEWS and _is_new(seen.get(key))}
        again = news | open_keys | _kept_away_no_longer(now)
        cycle.drafts = [*self._drafts(sorted(again), changed, seen), *self._endings(open_keys, changed, seen)]
        keys = [draft.natural_key for draft in cycle.drafts]
        cycle.on_recorded = lambda outcomes: self._on_recorded(changed, dict(zip(keys, outcomes, strict=True)))
        return cycle

    def _endings(
        self, open_keys: Iterable[str], changed: Mapping[str, SeenHack], seen: Mapping[str, SeenHack]
    ) -> list[EventDraft]:
        """The end of open events that no list tells any more."""
        return [
            EventDraft(
                source=SOURCE,
                category=Category.BRIDGE_HACK if seen[key].bridge_hack else Category.HACK,
                natural_key=key,
                title=f"{seen[key].name}, {seen[key].day:%Y-%m-%d}",
                effects=(),
                kind=KIND,
                state="closed",
                close_reason=f"DeFiLlama no longer lists {seen[key].name}, {seen[key].day:%Y-%m-%d}"[:200],
                retracted=True,
            )
            for key in sorted(open_keys)
            if key in seen and not (changed.get(key) or seen[key]).told
        ]

    def _gone(self, listed: HackList, entries: Entries, open_keys: set[str]) -> set[str]:
        """Keys of the entries that this list has dropped for good; a reading of the site does not count."""
        rows = self.content().rows
        if listed.from_site or rows is None:
            return set()
        watch = self.content_watch
        idle = entries.missing - open_keys if watch is not None and watch.is_first() else ()
        return taken_back(self.name, entries.missing, entries.known, self.now(), _PATIENCE, rows, idle)

    def _changed(
        self, entries: Entries, gone: set[str], seen: Mapping[str, SeenHack], from_site: bool, now: datetime
    ) -> dict[str, SeenHack]:
        """What is new to this list, told differently, or gone from it, as it is to be written down."""
        first_start = not SeenHack.objects.filter(told__has_key=self.name).exists()
        look_back = timedelta(days=self.config.news_lookback_days)
        changed = {}
        for key, rows in entries.groups.items():
            known = seen.get(key)
            if known and self.name in known.told and (from_site or rows_from_json(known.told[self.name]) == rows):
                # The site leaves out identifiers: it is asked for news, not to forget them.
                continue
            # What was taken back and comes again later is news only while it is young.
            again = known is not None and not known.told
            old = (first_start and known is None) or again
            old = old and is_old_news(rows[0].day, now, look_back)
            changed[key] = self._told(known, key, rows, old, now, entries.listed_as.get(key))
        for key in gone & seen.keys():
            changed[key] = self._forgotten(seen[key])
        return changed

    def _forgotten(self, known: SeenHack) -> SeenHack:
        """The row of a hack that this list has dropped, not saved."""
        told = {source: rows for source, rows in known.told.items() if source != self.name}
        row = SeenHack(**{field.attname: getattr(known, field.attname) for field in SeenHack._meta.concrete_fields})
        row.told = told
        return row

    def _drafts(
        self, keys: Sequence[str], changed: Mapping[str, SeenHack], seen: Mapping[str, SeenHack]
    ) -> list[EventDraft]:
        if not keys:
            return []
        now = self.now()
        around = HackContext(
            targets=load_targets(),
            knowledge=load_knowledge(at=now),
            watch=effective_watch_lists(self.config, now),
            page_url=f"{self.config.defillama_base_url.rstrip('/')}/hacks",
        )
        drafts = []
        for key in keys:
            row = changed.get(key) or seen.get(key)
            if row is not None and row.told:
                before = hack_of(seen[key]) if key in changed and key in seen and seen[key].told else None
                drafts.append(hack_draft(hack_of(row), around, before))
        return drafts

    def _read(self, cycle: Cycle) -> tuple[HackList, Entries, str | None]:
        """The list, its entries and its payload's digest, from the API or else from the site. Raises UpstreamError."""
        evidence: str | None = None
        try:
            payload = self.fetch(self.name, self.url)
            evidence = payload.archived_as
            listed = parse_hacks(payload, self.bridges_only)
            entries = self._saw(listed)
            quarantine.resolve(self.name, _API, self.now())
            return listed, entries, payload.archived_as
        except Stopping:
            raise
        except UpstreamError as error:
            api_error = error
        try:
            payload = fetch_page_data(self.fetch, self.name, self.config.defillama_base_url, "hacks")
            listed = parse_hacks(payload, self.bridges_only)
            entries = self._saw(listed)
        except Stopping:
            raise
        except UpstreamError as site_error:
            logger.info("%s: the site did not help either: %s", self.name, site_error)
            raise api_error from site_error
        quarantine.quarantine_item(
            self.name, _API, self.now(), title="Read from the site instead", error=str(api_error), payload=evidence
        )
        if isinstance(api_error, SchemaDrift):
            # The site stands in, but somebody must look at what became of the API.
            cycle.failures.append(api_error)
        return listed, entries, payload.archived_as

    def _saw(self, listed: HackList) -> Entries:
        entries = entries_of(self.name, listed)
        # A day has no hour: it counts from its end, so that a hack of today is not a day old.
        day = datetime.combine(listed.newest, time(23, 59), UTC) if listed.newest else None
        at = min(day, self.now()) if day else None
        self.saw("", at=at, rows=listed.whole, asked=self.url, lost=entries.lost)
        return entries

    def _put_aside(self, listed: HackList, payload: str | None, now: datetime) -> None:
        """Keep rows that cannot be read or whose amount is none; those that can be read again are resolved."""
        aside = {row.key[:400]: (row.error, row.excerpt) for row in listed.unreadable}
        for row in listed.rows:
            if row.doubtful_amount is not None:
                key = f"{row.day} {row.name}"
                aside[key] = (
                    f"amount was {row.doubtful_amount:g}, expected US dollars; it counts as unknown",
                    repr(row),
                )
        for key, (error, excerpt) in aside.items():
            quarantine.quarantine_item(
                self.name, key, now, title=key[:200], error=error, excerpt=excerpt, payload=payload
            )
        waiting = QuarantinedItem.objects.filter(source=self.name, resolved_at=None)
        waiting = waiting.exclude(item_key__startswith=lost_rows.PREFIX)
        waiting.exclude(item_key__in=[*aside, _API]).update(resolved_at=now)

    def _told(
        self, known: SeenHack | None, key: str, rows: Rows, old: bool, now: datetime, listed_as: str | None
    ) -> SeenHack:
        """The row of a hack as it is after this cycle, not saved; `known` stays as it is."""
        told = {**(known.told if known else {}), self.name: rows_as_json(rows)}
        hack = whole(told)
        return SeenHack(
            pk=known.pk if known else None,
            natural_key=key,
            name=hack.name,
            day=hack.day,
            amount_usd=hack.amount_usd,
            bridge_hack=hack.bridge_hack,
            told=told,
            listed_as=listed_as if listed_as is not None else (known.listed_as if known else ""),
            state=known.state if known and known.told else (State.OLD if old else State.NEWS),
            first_seen_at=known.first_seen_at if known else now,
            event_id=known.event_id if known else None,
        )

    def _on_recorded(self, changed: Mapping[str, SeenHack], outcomes: Mapping[str, Outcome]) -> None:
        """Write down what was met, in the transaction that records it: what failed stays news."""
        met = {
            key: row for key, row in changed.items() if key not in outcomes or outcomes[key].kind != OutcomeKind.FAILED
        }
        for key, row in met.items():
            event = outcomes[key].event if key in outcomes else None
            row.event_id = event.pk if event else row.event_id
        SeenHack.objects.bulk_create([row for row in met.values() if row.pk is None], ignore_conflicts=True)
        # The other list's updater may have written the same hack meanwhile: each changes only what it was told itself.
        rows = list(SeenHack.objects.select_for_update().filter(natural_key__in=met).order_by("natural_key"))
        for row in rows:
            mine = met[row.natural_key]
            others = {source: told for source, told in row.told.items() if source != self.name}
            row.told = {**others, **({self.name: mine.told[self.name]} if self.name in mine.told else {})}
            row.listed_as, row.state = mine.listed_as, mine.state
            if row.told:
                hack = whole(row.told)
                row.name, row.day = hack.name, hack.day
                row.amount_usd, row.bridge_hack = hack.amount_usd, hack.bridge_hack
            row.event_id = mine.event_id or row.event_id
        fields = ["told", "listed_as", "state", "name", "day", "amount_usd", "bridge_hack", "event"]
        SeenHack.objects.bulk_update(rows, fields, batch_size=500)


class BridgeHackUpdater(HackUpdater):
    """The list of bridge hacks. By default it is the list of hacks itself, of which it takes the bridges' rows."""

    name = _BRIDGE_HACKS
    bridges_only = True

    def content(self) -> ContentRule:
        return content.hacks(bridges_alone=self.url != self.config.defillama_hacks_url)

    @property
    def url(self) -> str:
        return self.config.defillama_bridge_hacks_url


def hack_of(row: SeenHack) -> Hack:
    """The hack that a row of ours tells, under its event's key, whatever name and day it is listed by now."""
    return replace(whole(row.told), key=row.natural_key)


def _is_new(known: SeenHack | None) -> bool:
    """Never met, or met and taken back."""
    return known is None or not known.told


def whole(told: Mapping[str, Sequence[Mapping[str, object]]]) -> Hack:
    """A hack out of what the lists tell of it: the rows of the most trusted, a bridge hack where any says so."""
    lists = [rows_from_json(told[source]) for source in _BY_TRUST if source in told]
    return fold(lists[0], bridge_hack=_any_bridge(lists))


def _any_bridge(lists: Iterable[Rows]) -> bool:
    return any(row.bridge_hack for rows in lists for row in rows)


def _kept_away_no_longer(now: datetime) -> set[str]:
    """Keys that an admin kept from opening until a time that has passed: they are looked at again."""
    return {event.natural_key for event in reopenable_events(SOURCE, now) if event.natural_key.startswith(KEY_PREFIX)}


def _open_keys() -> set[str]:
    """Keys of open hacks: they are told again each cycle, as tables, watch lists and instruments change too."""
    events = plain_events().filter(source=SOURCE, status=Status.OPEN, natural_key__startswith=KEY_PREFIX)
    return set(events.values_list("natural_key", flat=True))
