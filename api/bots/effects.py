"""The open effects of all events, by the versions of their rows: which assets and instruments a commit has touched.

The view has events of high priority alone and nothing about `*`; `can_trade` goes by all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from api.bots.line import Line
from api.bots.venue_pairs import FORBIDDING
from events.clock import monotonic

# As `markets.versions.version_of` counts: most looks find that nothing has changed. Sources are silent as `can_trade`
# has it; the view measures them against the last heartbeat, and knows none that was never heard of.
_DIGESTS = """
SELECT (SELECT concat(count(*), ' ', sum(id), ' ', sum(xmin::text::bigint)) FROM events_effect WHERE open) AS effects,
       (SELECT concat(count(*), ' ', sum(id), ' ', sum(xmin::text::bigint)) FROM events_event WHERE status = 'open')
           AS events,
       ARRAY(SELECT DISTINCT needed.source::text
               FROM venue_source AS needed
               LEFT JOIN events_sourcehealth AS health ON health.source::text = needed.source::text
              WHERE (health.state::text <> 'stale'
                     AND health.last_success_at BETWEEN clock_timestamp() - 5 * health.interval_seconds * interval '1 s'
                                                    AND clock_timestamp() + interval '5 s') IS NOT TRUE) AS silent
"""
_VERSIONS = "SELECT id, xmin::text::bigint AS version FROM events_effect WHERE open"
_EFFECTS = """
SELECT effect.id, upper(effect.token) AS token, effect.scope, effect.venue, effect.action, effect.tickers,
       event.category = 'depeg' AND event.priority = 'low' AS namesake
  FROM events_effect AS effect JOIN events_event AS event ON event.id = effect.event_id
 WHERE effect.id = ANY ($1::bigint[])
"""


@dataclass(frozen=True)
class OpenEffect:
    """token: `*` for everything that a venue trades. venue: empty for everywhere. namesake: it may count for nobody."""

    token: str
    scope: str
    venue: str
    action: str
    tickers: tuple[str, ...]
    namesake: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """The assets and tickers that it may concern."""
        return (self.token, *self.tickers)

    def forbids_at(self, places: Sequence[str]) -> tuple[str, ...]:
        """The assets and tickers that surely cannot be opened on a venue. places: the venue, and that of its list."""
        if self.action not in FORBIDDING or self.namesake:
            return ()
        here = not self.venue or self.venue.upper() in places
        return (*((self.token,) if here and self.scope != "pairs" else ()), *self.tickers)


class _Row(msgspec.Struct):
    """What a row of the view says about orders."""

    asset_action: str | None = None
    venue_actions: dict[str, str] = {}
    tickers: list[str] = []


view_row = msgspec.json.Decoder(_Row).decode
"""A row of the view, of its JSON text."""


class Change(NamedTuple):
    """What a reading found. came: new ones, and changed ones as they are now; went: gone ones, and changed ones as they
    were. events: an open event is another than before, whatever its effects are. silent: sources that
    were not at the reading before; None where the same ones are silent as then."""

    came: Sequence[OpenEffect]
    went: Sequence[OpenEffect]
    events: bool
    silent: frozenset[str] | None = None


class OpenEffects:
    """Known as of the last reading; nothing is before the first. read_at: of the monotonic clock."""

    def __init__(self) -> None:
        self._versions: Mapping[int, int] = {}
        self._effects: dict[int, OpenEffect] = {}
        self._digests: tuple[str, str] | None = None
        self._silent: frozenset[str] = frozenset()
        self._forgets = 0
        self.known = False
        self.read_at = float("-inf")

    async def read(self, line: Line) -> Change:
        """What has changed since the last reading. Raises as `Line.rows` does.

        A change counts as read only when this returns: after an error it is found again.
        """
        began, known, forgets = monotonic(), self._digests, self._forgets
        (digest,) = await line.rows(_DIGESTS)
        digests = (digest["effects"], digest["events"])
        events = known is not None and known[1] != digests[1]
        same = known is not None and known[0] == digests[0]
        silent = frozenset(digest["silent"])
        came, went = ((), ()) if same else await self._compare(line)
        change = Change(came, went, events, None if silent == self._silent else silent - self._silent)
        if forgets == self._forgets:
            self._digests, self._silent, self.known, self.read_at = digests, silent, True, began
        else:
            self.forget()
        return change

    async def _compare(self, line: Line) -> tuple[Sequence[OpenEffect], Sequence[OpenEffect]]:
        versions = {row["id"]: row["version"] for row in await line.rows(_VERSIONS)}
        before = self._versions
        changed = [one for one, version in versions.items() if before.get(one) != version]
        read = {row["id"]: _effect(row) for row in (await line.rows(_EFFECTS, changed) if changed else ())}
        gone = [one for one in self._effects if versions.get(one) != before.get(one)]
        went = [self._effects.pop(one) for one in gone]
        self._effects.update(read)
        self._versions = versions
        return list(read.values()), went

    def forget(self) -> None:
        """The next reading finds everything changed; one that has begun is none."""
        self._forgets += 1
        self._versions, self._effects, self._digests, self.known = {}, {}, None, False
        self._silent = frozenset()


def _effect(row: Mapping[str, object]) -> OpenEffect:
    tickers: Sequence[str] = row["tickers"]  # type: ignore[assignment]
    return OpenEffect(
        str(row["token"]), str(row["scope"]), str(row["venue"]), str(row["action"]), tuple(tickers),
        bool(row["namesake"]),
    )  # fmt: skip
