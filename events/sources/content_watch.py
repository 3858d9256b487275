"""One source's content, round by round: what its answers held, judged by its rule and by what is remembered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from events import registry
from events.sources import content_health, lost_rows
from events.sources.content import ContentRule, Judgement, PartState, Seen, judge
from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift

# Servers of one exchange do not agree to the second.
_CLOCKS_DIFFER = timedelta(seconds=30)
_HALF = 0.5


@dataclass(frozen=True)
class Lost:
    """Of a list whose rows have names: how many are known, and which of them are missing."""

    known: int
    missing: Collection[str]


class ContentWatch:
    """Collects what a round saw. Used by one thread at a time.

    `begin` before a round, `saw` for each answer, then `succeeded`, or `failed` where parts could not be read.
    """

    def __init__(self, source: str, rule: ContentRule) -> None:
        self.source, self.rule = source, rule
        self._known: dict[str, PartState] | None = None
        self._seen: dict[str, Seen] = {}
        # Lists that were found whole: what was said of them before has been taken back.
        self._whole: set[str] = set()

    def begin(self) -> None:
        # Another daemon may have led since: what is remembered is read anew.
        self._known, self._seen = None, {}
        registry.note_unseen(self.source, self.rule.unseen)

    def saw(
        self,
        part: str,
        now: datetime,
        *,
        at: datetime | None = None,
        digest: str | None = None,
        rows: int | None = None,
        names: Collection[str] | None = None,
        asked: str = "",
        cached_seconds: float | None = None,
        lost: Lost | None = None,
    ) -> None:
        """What an answer held, before anything is made of it; see `Seen`. names: what it calls itself.

        lost: of a list whose rows are known by name which of them are missing; without it their number is compared.

        Raises SchemaDrift where the part's name is gone, or most of the rows that were known before.
        """
        pattern = self.rule.names.get(part)
        if pattern is not None and names is not None and not any(pattern.search(name) for name in names):
            found = ", ".join(sorted(names))[:160] or "no name"
            raise SchemaDrift(self.source, f"the name of {part}", f"one like {pattern.pattern!r}", found)
        known = self._parts().get(part)
        # Both are counted before either is raised: they are believed together, or each would wait for the other.
        drifts: list[SchemaDrift] = []
        if lost is not None and (known is not None or len(lost.missing) > lost.known * _HALF):
            # At the first reading of a release that forgets rows up to half of them may have gone long ago.
            drifts += self._lost_by_name(part, lost, now)
        # Another URL may have another page size: what came by the last one is no measure.
        if rows is not None and known and known.rows and known.asked == asked:
            drifts += self._lost_by_number(part, rows, known.rows, now)
        if drifts:
            raise drifts[0]
        self._seen[part] = Seen(part, at, digest, rows, asked, cached_seconds)

    def _lost_by_number(self, part: str, rows: int, known: int, now: datetime) -> list[SchemaDrift]:
        rule, missing = self.rule.rows, known - rows
        if rule is None:
            return []
        if not rule.lost_too_many(missing, known):
            self._is_whole(part, now)
        elif not lost_rows.is_believed_by_number(self.source, part, missing, known, rule, now):
            self._whole.discard(part)
            return [SchemaDrift(self.source, part or "rows", f"most of the {known} rows known before", f"{rows}")]
        return []

    def _lost_by_name(self, part: str, lost: Lost, now: datetime) -> list[SchemaDrift]:
        """By names also a list that is told otherwise as a whole, or by and by, is seen to have lost its rows."""
        rule, missing, where = self.rule.rows, len(lost.missing), f"names {part}".strip()
        if rule is None:
            return []
        if not rule.lost_too_many(missing, lost.known):
            self._is_whole(where, now)
        elif not lost_rows.is_believed(self.source, where, lost.missing, lost.known, rule, now):
            self._whole.discard(where)
            most = f"most of the {lost.known} rows known before"
            return [SchemaDrift(self.source, part or "rows", most, f"{missing} of them missing")]
        return []

    def _is_whole(self, where: str, now: datetime) -> None:
        if where not in self._whole:
            lost_rows.forget(self.source, where, now)
            self._whole.add(where)

    def is_first(self, part: str = "") -> bool:
        """Whether nothing was remembered of a part when the round began: a first start, or one after an upgrade."""
        return part not in self._parts()

    def went_back(self, part: str, at: datetime | None) -> bool:
        """Whether an answer was made before one that was read already: a cache's, and no news."""
        known = self._parts().get(part)
        return bool(at and known and known.at and at < known.at - _CLOCKS_DIFFER)

    def succeeded(self, now: datetime, items: int, seconds: float, clock_skew: float | None) -> None:
        """The round is over: write down how the source is."""
        content_health.succeeded(self.source, self.rule, self._judged(now), now, items, seconds, clock_skew)

    def failed(self, now: datetime) -> None:
        """Parts of the round failed, which its health says; of the others the age is kept.

        Where only some of its lists could not be read, only what they tell is not seen.
        """
        unread = [part for part in self.rule.parts if part not in self._seen]
        if unread and len(unread) < len(self.rule.parts):
            registry.note_unseen(self.source, ", ".join(self.rule.parts[part] for part in unread))
        content_health.keep(self.source, self._judged(now))

    def _judged(self, now: datetime) -> Judgement:
        return judge(self.rule, self._parts(), self._seen.values(), now)

    def _parts(self) -> dict[str, PartState]:
        if self._known is None:
            self._known = content_health.known_parts(self.source)
        return self._known


def age_header(payload: Payload) -> float | None:
    """How long a cache has kept the answer, by its `Age` header in seconds; None where none says so."""
    said = payload.headers.get("age", "").strip()
    return float(said) if said.isdecimal() else None
