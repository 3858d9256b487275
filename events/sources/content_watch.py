"""One source's content, round by round: what its answers contained, checked by its rule and what is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from events import registry
from events.sources import content_health, lost_rows
from events.sources.content import ContentAge, ContentRule, PartState, Seen, content_age
from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift

# The clocks of one exchange's servers differ by less than this.
_CLOCKS_DIFFER = timedelta(seconds=30)
_HALF = 0.5


@dataclass(frozen=True)
class Lost:
    """For a list whose rows have names: how many are known, and which of these are missing."""

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
        # Lists that were found complete; their items in the quarantine are resolved.
        self._complete: set[str] = set()

    def begin(self) -> None:
        # Another daemon may have led since: the stored state is read again.
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
        """Note what an answer contained, before it is used; see `Seen`. names: of its catalogues, or of its row types.

        lost: for a list whose rows are known by name, which of them are missing; without it their number is compared.

        Raises SchemaDrift where the part's name is gone, or most of the rows that were known before.
        """
        pattern = self.rule.names.get(part)
        if pattern is not None and names is not None and not any(pattern.search(name) for name in names):
            found = ", ".join(sorted(names))[:160] or "no name"
            raise SchemaDrift(self.source, f"the name of {part}", f"one like {pattern.pattern!r}", found)
        known = self._parts().get(part)
        # Both are counted before either is raised: they are accepted together, or each would wait for the other.
        drifts: list[SchemaDrift] = []
        if lost is not None and (known is not None or len(lost.missing) > lost.known * _HALF):
            # At the first reading by a release that forgets rows, up to half of them may have gone long ago.
            drifts += self._lost_by_name(part, lost, now)
        # Another URL may have another page size: the number of rows is no measure then.
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
            self._found_complete(part, now)
        elif not lost_rows.is_accepted_by_count(self.source, part, missing, known, rule, now):
            self._complete.discard(part)
            return [SchemaDrift(self.source, part or "rows", f"most of the {known} rows known before", f"{rows}")]
        return []

    def _lost_by_name(self, part: str, lost: Lost, now: datetime) -> list[SchemaDrift]:
        """Names also reveal a list that was exchanged as a whole, or row by row, and kept its length."""
        rule, missing, where = self.rule.rows, len(lost.missing), f"names {part}".strip()
        if rule is None:
            return []
        if not rule.lost_too_many(missing, lost.known):
            self._found_complete(where, now)
        elif not lost_rows.is_accepted(self.source, where, lost.missing, lost.known, rule, now):
            self._complete.discard(where)
            most = f"most of the {lost.known} rows known before"
            return [SchemaDrift(self.source, part or "rows", most, f"{missing} of them missing")]
        return []

    def _found_complete(self, where: str, now: datetime) -> None:
        if where not in self._complete:
            lost_rows.forget(self.source, where, now)
            self._complete.add(where)

    def is_first(self, part: str = "") -> bool:
        """Whether nothing was stored of a part when the round began: a first start, or one after an upgrade."""
        return part not in self._parts()

    def went_back(self, part: str, at: datetime | None) -> bool:
        """Whether an answer is older than one that was read before: it comes from another edge of a cache."""
        known = self._parts().get(part)
        return bool(at and known and known.at and at < known.at - _CLOCKS_DIFFER)

    def succeeded(self, now: datetime, items: int, seconds: float, clock_skew: float | None) -> None:
        """The round succeeded: store the health of the source and the age of its content."""
        content_health.succeeded(self.source, self.rule, self._age(now), now, items, seconds, clock_skew)

    def failed(self, now: datetime) -> None:
        """Parts of the round failed, and its health has that already: store the age of the others.

        Where only some of the lists failed, only their content is named as not seen.
        """
        unread = [part for part in self.rule.parts if part not in self._seen]
        if unread and len(unread) < len(self.rule.parts):
            registry.note_unseen(self.source, ", ".join(self.rule.parts[part] for part in unread))
        content_health.keep(self.source, self._age(now))

    def _age(self, now: datetime) -> ContentAge:
        return content_age(self.rule, self._parts(), self._seen.values(), now)

    def _parts(self) -> dict[str, PartState]:
        if self._known is None:
            self._known = content_health.known_parts(self.source)
        return self._known


def age_header(payload: Payload) -> float | None:
    """For how many seconds a cache has kept the answer (header `Age`); None without the header."""
    header = payload.headers.get("age", "").strip()
    return float(header) if header.isdecimal() else None
