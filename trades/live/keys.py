"""The event keys in force: of VOLUME_EVENT_KEYS and of the admin, else the default ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crypto_ews.conf import Config
from trades.models import VolumeEventKey
from trades.volume.keys import DEFAULT_LADDER, EventKey, KeyFault, parse_keys


class KeysInForce(NamedTuple):
    """chosen: somebody configured them; the default ladder leaves out instruments that are young."""

    keys: Sequence[EventKey]
    faults: Sequence[KeyFault]
    chosen: bool


def keys_in_force(config: Config) -> KeysInForce:
    """Unreadable ones are named, the others go on. Raises DatabaseError."""
    places = [(f"VOLUME_EVENT_KEYS, key {number}", text) for number, text in enumerate(config.volume_event_keys, 1)]
    rows = VolumeEventKey.objects.filter(enabled=True).values_list("pk", "text")
    places += [(f"admin, volume event key {number}", text) for number, text in rows]
    keys, faults = parse_keys(places)
    # Where somebody chose keys and none of them can be read, nothing fires: the ladder is not what they asked for.
    return KeysInForce(keys, faults, True) if places else KeysInForce(DEFAULT_LADDER, [], False)
