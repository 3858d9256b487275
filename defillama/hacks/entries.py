"""The entries of DeFiLlama's list by the keys of our events. A key stays when an entry is renamed or redated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from defillama.hacks.client import HackList, HackRow
from defillama.hacks.detect import group_rows, rows_from_json
from defillama.hacks.identity import listed_twice, renamings
from defillama.hacks.models import SeenHack
from events.sources.content_watch import Lost


@dataclass(frozen=True)
class Entries:
    """The entries of one list.

    groups: event's key → the rows of its entry. listed_as: event's key → the key of its present name and day, if that
    differs. known: number of entries that this list had before. missing: keys of events that it no longer lists. lost:
    the same since the day of its oldest row, as a list may be limited to the newest.
    """

    groups: Mapping[str, tuple[HackRow, ...]]
    listed_as: Mapping[str, str]
    known: int
    missing: frozenset[str]
    lost: Lost


def entries_of(source: str, listed: HackList) -> Entries:
    """The entries of a list, compared with the hacks on record."""
    listed_groups = group_rows(listed.rows)
    known = {row.listed_as or row.natural_key: row for row in SeenHack.objects.filter(told__has_key=source)}
    # The other list may have renamed the entry first.
    renamed = SeenHack.objects.exclude(listed_as="").filter(listed_as__in=list(listed_groups))
    key_of = {row.listed_as: row.natural_key for row in renamed}
    first_keys = set(SeenHack.objects.filter(natural_key__in=list(listed_groups)).values_list("natural_key", flat=True))
    fresh = {key for key in listed_groups if key not in known and key not in key_of and key not in first_keys}
    # Listed neither under its last name nor under its first one.
    vanished = [row for key, row in known.items() if key not in listed_groups and row.natural_key not in listed_groups]
    moved: dict[str, str] = {}
    if not listed.from_site:
        # Without the identifiers, which the site lacks, two names cannot be told apart.
        before = {row.natural_key: rows_from_json(row.told[source]) for row in vanished}
        moved = renamings(before, {key: listed_groups[key] for key in fresh})
    doubles = listed_twice(listed_groups, fresh - moved.keys())
    groups = {
        moved.get(key) or key_of.get(key) or key: rows
        for key, rows in listed_groups.items()
        if key not in doubles and not (key in key_of and key_of[key] in listed_groups)
    }
    unread = " ".join(row.excerpt for row in listed.unreadable).casefold()
    missing = {row.natural_key for row in vanished if row.name.casefold() not in unread} - set(moved.values())
    listed_as = {event_key: key for key, event_key in {**key_of, **moved}.items()}
    oldest = min((row.day for row in listed.rows), default=date.max)
    since = {row.natural_key for row in known.values() if row.day >= oldest}
    return Entries(groups, listed_as, len(known), frozenset(missing), Lost(len(since), missing & since))
