"""DeFiLlama's two lists, hacks and bridge hacks. Each is a source; a hack in both is one event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from crypto_ews.conf import Config
from defillama import content
from defillama.hacks.client import HackList, HackRow, fetch_page_data, parse_hacks
from defillama.hacks.detect import (
    KEY_PREFIX,
    KIND,
    SOURCE,
    Hack,
    HackContext,
    hack_draft,
    hack_from_rows,
    is_too_old,
    rows_as_json,
    rows_from_json,
)
from defillama.hacks.entries import Entries, entries_of
from defillama.hacks.models import SeenHack
from defillama.hacks.reference import load_targets
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
# The list of all hacks has more detail: its rows are preferred to those of the other list.
_BY_TRUST = (_HACKS, _BRIDGE_HACKS)
_API = "the API's answer"
# DeFiLlama's cached copies may be a few minutes old, and differ from each other.
_PATIENCE = Patience()


class HackUpdater(EventUpdater):
    """Reads a full list (it has no pages), and records new hacks and changes of open events."""

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
        self._quarantine(listed, payload, now)
        cycle.items = len(listed.rows)
        open_keys = _open_keys()
        gone = self._gone(listed, entries, open_keys)
        keys_seen = [*entries.groups, *open_keys, *gone]
        seen = {row.natural_key: row for row in SeenHack.objects.filter(natural_key__in=keys_seen)}
        changed = self._changed(entries, gone, seen, listed.from_site, now)
        new_keys = {key for key, row in changed.items() if row.state == State.REPORTED and _is_new(seen.get(key))}
        again = new_keys | open_keys | _released_keys(now)
        cycle.drafts = [*self._drafts(sorted(again), changed, seen), *self._endings(open_keys, changed, seen)]
        keys = [draft.natural_key for draft in cycle.drafts]
        cycle.on_recorded = lambda outcomes: self._on_recorded(changed, dict(zip(keys, outcomes, strict=True)))
        return cycle

    def _endings(
        self, open_keys: Iterable[str], changed: Mapping[str, SeenHack], seen: Mapping[str, SeenHack]
    ) -> list[EventDraft]:
        """Drafts that close the open events which no list has any more."""
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
        """Keys of the entries that this list has dropped for good. A reading of the site does not count."""
        rows = self.content().rows
        if listed.from_site or rows is None:
            return set()
        watch = self.content_watch
        idle = entries.missing - open_keys if watch is not None and watch.is_first() else ()
        return taken_back(self.name, entries.missing, entries.known, self.now(), _PATIENCE, rows, idle)

    def _changed(
        self, entries: Entries, gone: set[str], seen: Mapping[str, SeenHack], from_site: bool, now: datetime
    ) -> dict[str, SeenHack]:
        """Rows to save, by key: hacks that are new to this list, changed in it, or gone from it."""
        first_start = not SeenHack.objects.filter(told__has_key=self.name).exists()
        look_back = timedelta(days=self.config.news_lookback_days)
        changed = {}
        for key, rows in entries.groups.items():
            known = seen.get(key)
            if known and self.name in known.told and (from_site or rows_from_json(known.told[self.name]) == rows):
                # The site lacks identifiers, which must not be lost: only new hacks are taken from it.
                continue
            # A hack that was dropped and is listed again becomes an event only while it is recent.
            again = known is not None and not known.told
            old = (first_start and known is None) or again
            old = old and is_too_old(rows[0].day, now, look_back)
            changed[key] = self._seen_row(known, key, rows, old, now, entries.listed_as.get(key))
        for key in gone & seen.keys():
            changed[key] = self._dropped(seen[key])
        return changed

    def _dropped(self, known: SeenHack) -> SeenHack:
        """The row of a hack that this list has dropped; unsaved."""
        others = {source: rows for source, rows in known.told.items() if source != self.name}
        row = SeenHack(**{field.attname: getattr(known, field.attname) for field in SeenHack._meta.concrete_fields})
        row.told = others
        return row

    def _drafts(
        self, keys: Sequence[str], changed: Mapping[str, SeenHack], seen: Mapping[str, SeenHack]
    ) -> list[EventDraft]:
        if not keys:
            return []
        now = self.now()
        context = HackContext(
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
                drafts.append(hack_draft(hack_of(row), context, before))
        return drafts

    def _read(self, cycle: Cycle) -> tuple[HackList, Entries, str | None]:
        """The list, its entries and the payload's archive key: from the API or the site. Raises UpstreamError."""
        archived_as: str | None = None
        try:
            payload = self.fetch(self.name, self.url)
            archived_as = payload.archived_as
            listed = parse_hacks(payload, self.bridges_only)
            entries = self._entries(listed)
            quarantine.resolve(self.name, _API, self.now())
            return listed, entries, payload.archived_as
        except Stopping:
            raise
        except UpstreamError as error:
            api_error = error
        try:
            payload = fetch_page_data(self.fetch, self.name, self.config.defillama_base_url, "hacks")
            listed = parse_hacks(payload, self.bridges_only)
            entries = self._entries(listed)
        except Stopping:
            raise
        except UpstreamError as site_error:
            logger.info("%s: the site failed too: %s", self.name, site_error)
            raise api_error from site_error
        quarantine.quarantine_item(
            self.name, _API, self.now(), title="Read from the site instead", error=str(api_error), payload=archived_as
        )
        if isinstance(api_error, SchemaDrift):
            # The site replaces the API for now, but somebody must look at the API's new schema.
            cycle.failures.append(api_error)
        return listed, entries, payload.archived_as

    def _entries(self, listed: HackList) -> Entries:
        entries = entries_of(self.name, listed)
        # A day has no hour: it counts from its end, so that a hack of today is not stale.
        day = datetime.combine(listed.newest, time(23, 59), UTC) if listed.newest else None
        at = min(day, self.now()) if day else None
        self.saw("", at=at, rows=listed.count, asked=self.url, lost=entries.lost)
        return entries

    def _quarantine(self, listed: HackList, payload: str | None, now: datetime) -> None:
        """Quarantine unreadable rows and rows with an impossible amount; resolve those that are readable again."""
        unusable = {row.key[:400]: (row.error, row.excerpt) for row in listed.unreadable}
        for row in listed.rows:
            if row.doubtful_amount is not None:
                key = f"{row.day} {row.name}"
                unusable[key] = (
                    f"amount was {row.doubtful_amount:g}, expected US dollars; treated as unknown",
                    repr(row),
                )
        for key, (error, excerpt) in unusable.items():
            quarantine.quarantine_item(
                self.name, key, now, title=key[:200], error=error, excerpt=excerpt, payload=payload
            )
        waiting = QuarantinedItem.objects.filter(source=self.name, resolved_at=None)
        waiting = waiting.exclude(item_key__startswith=lost_rows.PREFIX)
        waiting.exclude(item_key__in=[*unusable, _API]).update(resolved_at=now)

    def _seen_row(
        self, known: SeenHack | None, key: str, rows: Rows, old: bool, now: datetime, listed_as: str | None
    ) -> SeenHack:
        """The row of a hack after this cycle, unsaved; `known` is not changed."""
        by_source = {**(known.told if known else {}), self.name: rows_as_json(rows)}
        hack = merged_hack(by_source)
        return SeenHack(
            pk=known.pk if known else None,
            natural_key=key,
            name=hack.name,
            day=hack.day,
            amount_usd=hack.amount_usd,
            bridge_hack=hack.bridge_hack,
            told=by_source,
            listed_as=listed_as if listed_as is not None else (known.listed_as if known else ""),
            state=known.state if known and known.told else (State.OLD if old else State.REPORTED),
            first_seen_at=known.first_seen_at if known else now,
            event_id=known.event_id if known else None,
        )

    def _on_recorded(self, changed: Mapping[str, SeenHack], outcomes: Mapping[str, Outcome]) -> None:
        """Save the rows in the transaction that records their events. A hack whose event failed stays new."""
        saved = {
            key: row for key, row in changed.items() if key not in outcomes or outcomes[key].kind != OutcomeKind.FAILED
        }
        for key, row in saved.items():
            event = outcomes[key].event if key in outcomes else None
            row.event_id = event.pk if event else row.event_id
        SeenHack.objects.bulk_create([row for row in saved.values() if row.pk is None], ignore_conflicts=True)
        # The other list's updater may have saved the same hack meanwhile: each changes only the rows of its list.
        rows = list(SeenHack.objects.select_for_update().filter(natural_key__in=saved).order_by("natural_key"))
        for row in rows:
            mine = saved[row.natural_key]
            others = {source: theirs for source, theirs in row.told.items() if source != self.name}
            row.told = {**others, **({self.name: mine.told[self.name]} if self.name in mine.told else {})}
            row.listed_as, row.state = mine.listed_as, mine.state
            if row.told:
                hack = merged_hack(row.told)
                row.name, row.day = hack.name, hack.day
                row.amount_usd, row.bridge_hack = hack.amount_usd, hack.bridge_hack
            row.event_id = mine.event_id or row.event_id
        fields = ["told", "listed_as", "state", "name", "day", "amount_usd", "bridge_hack", "event"]
        SeenHack.objects.bulk_update(rows, fields, batch_size=500)


class BridgeHackUpdater(HackUpdater):
    """The list of bridge hacks. By default it is the list of hacks itself, of which only bridges are used."""

    name = _BRIDGE_HACKS
    bridges_only = True

    def content(self) -> ContentRule:
        return content.hacks(bridges_alone=self.url != self.config.defillama_hacks_url)

    @property
    def url(self) -> str:
        return self.config.defillama_bridge_hacks_url


def hack_of(row: SeenHack) -> Hack:
    """The hack of a stored row, under its event's key, whatever its present name and day."""
    return replace(merged_hack(row.told), key=row.natural_key)


def _is_new(known: SeenHack | None) -> bool:
    """Whether a hack was never seen, or was dropped by every list."""
    return known is None or not known.told


def merged_hack(by_source: Mapping[str, Sequence[Mapping[str, object]]]) -> Hack:
    """A hack from the rows of all lists: the rows of the preferred list; a bridge hack if any list has it as one."""
    lists = [rows_from_json(by_source[source]) for source in _BY_TRUST if source in by_source]
    return hack_from_rows(lists[0], bridge_hack=_any_bridge(lists))


def _any_bridge(lists: Iterable[Rows]) -> bool:
    return any(row.bridge_hack for rows in lists for row in rows)


def _released_keys(now: datetime) -> set[str]:
    """Keys that an admin had suppressed until a time that has passed: they are evaluated again."""
    return {event.natural_key for event in reopenable_events(SOURCE, now) if event.natural_key.startswith(KEY_PREFIX)}


def _open_keys() -> set[str]:
    """Keys of open hacks. They are drafted in each cycle, as tables, watch lists and instruments change too."""
    events = plain_events().filter(source=SOURCE, status=Status.OPEN, natural_key__startswith=KEY_PREFIX)
    return set(events.values_list("natural_key", flat=True))
