"""DeFiLlama's list by the keys of events, which keep theirs when it renames or redates an entry, or drops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from defillama.hacks_client import HackList, HackRow
from defillama.hacks_detect import group_rows, rows_from_json
from defillama.hacks_identity import listed_twice, renamings
from defillama.models_hacks import SeenHack
from events.absence import Patience, believed, looks_whole

# DeFiLlama's copies may be a few minutes old, and differ from one to the next.
_PATIENCE = Patience()


@dataclass(frozen=True)
class Entries:
    """groups: event's key → the rows of its entry. listed_as: event's key → the key of the name and day that it is
    listed by, where it is another one. gone: keys of events that this list has dropped for good."""

    groups: Mapping[str, tuple[HackRow, ...]]
    listed_as: Mapping[str, str]
    gone: set[str]


def entries_of(source: str, listed: HackList, now: datetime) -> Entries:
    """The entries of a list that was just read; counts what a whole one lacks (`events.absence`)."""
    listed_groups = group_rows(listed.rows)
    known = {row.listed_as or row.natural_key: row for row in SeenHack.objects.filter(told__has_key=source)}
    # The other list may have met a renamed entry first.
    renamed = SeenHack.objects.exclude(listed_as="").filter(listed_as__in=list(listed_groups))
    key_of = {row.listed_as: row.natural_key for row in renamed}
    own_keys = set(SeenHack.objects.filter(natural_key__in=list(listed_groups)).values_list("natural_key", flat=True))
    fresh = {key for key in listed_groups if key not in known and key not in key_of and key not in own_keys}
    # Neither by the name that it was listed by last, nor by its first one again.
    vanished = [row for key, row in known.items() if key not in listed_groups and row.natural_key not in listed_groups]
    whole_list = not listed.from_site and looks_whole(len(known), len(vanished))
    moved: dict[str, str] = {}
    if whole_list:
        before = {row.natural_key: rows_from_json(row.told[source]) for row in vanished}
        moved = renamings(before, {key: listed_groups[key] for key in fresh})
    doubles = listed_twice(listed_groups, fresh - moved.keys())
    groups = {
        moved.get(key) or key_of.get(key) or key: rows
        for key, rows in listed_groups.items()
        if key not in doubles and not (key in key_of and key_of[key] in listed_groups)
    }
    gone: set[str] = set()
    if whole_list:
        unread = " ".join(row.excerpt for row in listed.unreadable).casefold()
        missing = {
            row.natural_key
            for row in vanished
            if row.natural_key not in moved.values() and row.name.casefold() not in unread
        }
        gone = believed(source, missing, now, _PATIENCE)
    listed_as = {event_key: key for key, event_key in {**key_of, **moved}.items()}
    return Entries(groups, listed_as, gone)
