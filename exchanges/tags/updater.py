"""Stores the history of Binance's risk tags, and records events for tags on watched tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from crypto_ews.conf import Config
from events.lifecycle import reopenable_events
from events.models import SourceHealth
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.absence import Patience, gone_for_good
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater
from events.upstream.client import content_digest
from events.upstream.errors import SchemaDrift
from exchanges.content import products as products_rule
from exchanges.instruments.binance import EXCHANGE, SPOT
from exchanges.models import TagSpell
from exchanges.open_events import open_drafts
from exchanges.tags.binance import parse_products
from exchanges.tags.detect import Tag, TagSnapshot, detect_tags
from markets.instruments import load_knowledge
from markets.watch_store import effective_watch_lists

# A tag that this many tokens carried does not vanish from all of them at once.
_COMMON = 5


class BinanceProductUpdater(EventUpdater):
    """Binance's product list, which alone carries the Monitoring and Seed tags."""

    name = "binance.products"

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        # Two megabytes with every price; tags change a few times a month.
        self.interval_seconds = max(300.0, config.update_refresh_minutes * 60)

    def content(self) -> ContentRule:
        return products_rule()

    def cycle(self) -> Cycle:
        now = self.now()
        payload = self.fetch(self.name, self.config.binance_products_url)
        products = parse_products(payload)
        periods = {
            (token, tag): began_at
            for token, tag, began_at in TagSpell.objects.filter(exchange=EXCHANGE, ended_at=None).values_list(
                "token", "tag", "began_at"
            )
        }
        health = SourceHealth.objects.filter(pk=self.name, last_success_at__isnull=False).first()
        knowledge = load_knowledge([SPOT], at=now)
        names = {name: knowledge.asset(name, SPOT) for name in products.tags}
        carried = frozenset((names[name], tag) for name, risk_tags in products.tags.items() for tag in risk_tags)
        _check_not_broken(carried, periods)
        self.saw("", digest=content_digest(payload), rows=products.rows, asked=payload.url)
        listed = frozenset(names.values())
        # A tag missing from its token's row was removed. A token without a row keeps its tags until that has lasted.
        missing = {token for token, _ in periods} - listed
        unread = " ".join(bad.excerpt for bad in products.bad_rows)
        gone = gone_for_good(self.name, {token for token in missing if token not in unread}, now, Patience())
        absent = missing - gone
        carried |= {(token, tag) for token, tag in periods if token in absent}
        for bad in products.bad_rows:
            quarantine.quarantine_item(
                self.name,
                bad.key,
                now,
                title="a product",
                error=bad.error,
                excerpt=bad.excerpt,
                payload=payload.archived_as,
            )
        drafts = detect_tags(
            TagSnapshot(
                exchange=EXCHANGE,
                carried=carried,
                listed=listed | absent,
                periods=periods,
                first=health is None,
                watch=effective_watch_lists(self.config, now),
                knowledge=knowledge,
                now=now,
                open_events=open_drafts(EXCHANGE),
            )
        )
        # An admin suppressed these until now: they alert, although their tags were there before.
        returning = {event.natural_key for event in reopenable_events(EXCHANGE, now)}
        drafts = [replace(draft, quiet=False) if draft.natural_key in returning else draft for draft in drafts]
        return Cycle(
            items=products.rows,
            drafts=[replace(d, payload=payload.archived_as) if d.kind == "instrument_status" else d for d in drafts],
            on_recorded=lambda _outcomes: _record_periods(carried, periods, health is None, now),
        )


def _check_not_broken(carried: frozenset[Tag], periods: Mapping[Tag, datetime]) -> None:
    still = {tag for _, tag in carried}
    for tag, count in Counter(tag for _, tag in periods).items():
        if count >= _COMMON and tag not in still:
            raise SchemaDrift(BinanceProductUpdater.name, "data[].tags", f"{tag} on some of {count} tokens", "none")


def _record_periods(carried: frozenset[Tag], periods: Mapping[Tag, datetime], first: bool, now: datetime) -> None:
    for token, tag in periods.keys() - carried:
        TagSpell.objects.filter(exchange=EXCHANGE, token=token, tag=tag, ended_at=None).update(ended_at=now)
    TagSpell.objects.bulk_create(
        [
            TagSpell(exchange=EXCHANGE, token=token, tag=tag, began_at=now, at_first_reading=first)
            for token, tag in sorted(carried - periods.keys())
        ]
    )
