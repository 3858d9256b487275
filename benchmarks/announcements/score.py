"""What `explain` answers for labelled rows, beside the labels.

A `review` is a third answer: for precision it is no event, for recall it is found; `recall_alone` counts it as missed.
Categories, fields and names are compared in events that were taken for events.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.announcements.counts import Names, Share, added
from benchmarks.announcements.labelled import WALLET_STATES, Row, moment
from exchanges.announcements.explain import explain_lines
from exchanges.venues import venue_name
from markets.knowledge import MarketKnowledge
from markets.shipped_assets import shipped_identity
from markets.symbols import SymbolSplitter

EVENT, REVIEW, NOTHING = "event", "review", "no event"
# The notice has its own spelling of a pair, where we answer BASE/QUOTE.
LOOSE = "tickers, however spelled"
_SHIPPED = MarketKnowledge(identity=shipped_identity())


@dataclass(frozen=True)
class Outcome:
    """One row and its answer.

    verdict: `EVENT`, `REVIEW` or `NOTHING`. right: by compared field, whether it is as labelled. problems: what is not.
    """

    row: Row
    answer: Mapping[str, Any]
    verdict: str
    right: Mapping[str, bool] = field(default_factory=dict)
    names: Mapping[str, Names] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def miss(self) -> str:
        label = f"{self.row.label} " if self.row.label else ""
        return f"{label}{self.row.title!r}: {'; '.join(self.problems.values())}"


@dataclass(frozen=True)
class Score:
    """The outcomes of a set."""

    name: str
    outcomes: Sequence[Outcome]
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        return len(self.outcomes)

    def count(self, event: bool, *verdicts: str) -> int:
        return sum(one.row.event == event and one.verdict in (verdicts or (one.verdict,)) for one in self.outcomes)

    @property
    def precision(self) -> Share:
        true, false = self.count(True, EVENT), self.count(False, EVENT)
        return Share(true, true + false)

    @property
    def recall(self) -> Share:
        """With the benefit of `review`."""
        return Share(self.count(True, EVENT, REVIEW), self.count(True))

    @property
    def recall_alone(self) -> Share:
        return Share(self.count(True, EVENT), self.count(True))

    @property
    def harmless_reviews(self) -> Share:
        return Share(self.count(False, REVIEW), self.count(False))

    @property
    def found(self) -> list[Outcome]:
        """Events that were taken for events."""
        return [one for one in self.outcomes if one.row.event and one.verdict == EVENT]

    def share(self, name: str) -> Share:
        compared = [one.right[name] for one in self.found if name in one.right]
        return Share(sum(compared), len(compared))

    def each_names(self, name: str) -> list[Names]:
        return [one.names[name] for one in self.found if name in one.names]

    def names(self, name: str) -> Names:
        return added(self.each_names(name))

    @property
    def misses(self) -> list[str]:
        return [one.miss for one in self.outcomes if one.problems]

    @property
    def confusion(self) -> Counter[tuple[str, str]]:
        """(label, answer) → rows. A second category that is as good counts as the first."""
        return Counter((_label(one), _answered(one)) for one in self.outcomes if one.row.event is not None)

    def part(self, name: str, member: Callable[[Row], bool]) -> Score:
        return Score(name, [one for one in self.outcomes if member(one.row)])


def together(name: str, scores: Iterable[Score]) -> Score:
    scores = list(scores)
    return Score(name, [one for score in scores for one in score.outcomes], sum(score.seconds for score in scores))


def score(name: str, labelled: Sequence[Row], splitter: SymbolSplitter | None = None) -> Score:
    """Ask `explain` for every row. seconds: of one core, from the line to the answer."""
    splitter = splitter or SymbolSplitter()
    lines = [json.dumps(row.record, ensure_ascii=False) for row in labelled]
    begun = time.process_time()
    answers = list(explain_lines(lines, splitter=splitter))
    seconds = time.process_time() - begun
    return Score(name, [outcome(row, answer) for row, answer in zip(labelled, answers, strict=True)], seconds)


def outcome(row: Row, answer: Mapping[str, Any]) -> Outcome:
    """A row beside its answer."""
    if "error" in answer:
        return Outcome(row, answer, NOTHING, problems={"event": f"unreadable: {answer['error']}"})
    verdict = EVENT if answer["event"] else REVIEW if answer["review"] else NOTHING
    if row.event is None:
        return Outcome(row, answer, verdict)
    if verdict != EVENT or not row.event:
        return Outcome(row, answer, verdict, problems=_verdict_problems(row, answer, verdict))
    right = {"category": answer["category"] in row.categories}
    problems = (
        {}
        if right["category"]
        else {"category": f"category {answer['category']}, labelled {' or '.join(map(str, row.categories))}"}
    )
    for name, want in row.values.items():
        right[name] = _equal(name, answer[name], want)
        if not right[name]:
            problems[name] = f"{name} {answer[name]}, labelled {want}"
    names = {}
    for name, labelled in row.names.items():
        optional = row.optional.get(name, frozenset())
        got = frozenset(answer[name])
        if name == "tokens":
            got, labelled, optional = (_assets(row, answer, one) for one in (got, labelled, optional))
        names[name] = Names.compared(got, labelled, optional)
        if not names[name].exact:
            problems[name] = f"{name} {sorted(got - optional)}, labelled {sorted(labelled)}"
    if "tickers" in names:
        names[LOOSE] = Names.compared(map(_plain, answer["tickers"]), map(_plain, row.names["tickers"]))
    if refused := row.never & set(answer["tokens"]):
        problems["never"] = f"names {sorted(refused)}, which must not leave"
    return Outcome(row, answer, verdict, right, names, problems)


def _verdict_problems(row: Row, answer: Mapping[str, Any], verdict: str) -> dict[str, str]:
    if verdict == EVENT:
        return {"event": f"taken for an event ({answer['category']}) by {answer['rule']}"}
    if verdict == REVIEW:
        return {"review": f"{'event' if row.event else 'harmless'}, for review: {answer['review_reason']}"}
    return {"event": f"event not seen ({answer['rule']})"} if row.event else {}


def _equal(name: str, got: Any, want: Any) -> bool:
    # The labels of the captures have one word for all three states of a wallet.
    if name == "trading_status" and want == "deposits_suspended":
        return got in WALLET_STATES
    return bool(got == want)


def _assets(row: Row, answer: Mapping[str, Any], tokens: frozenset[str]) -> frozenset[str]:
    """The assets that the exchange meant by the tokens then: labels have tokens as written, `explain` has assets."""
    exchange, released = row.record["exchange"] or "", row.record["released_at"]
    market = None if answer["market"] == "multiple" else answer["market"]
    venue = venue_name(exchange, market)
    return frozenset(_SHIPPED.asset(token, venue, moment(released) if released else None) for token in tokens)


def _plain(ticker: str) -> str:
    return ticker.replace("/", "").replace("-", "").replace("_", "")


def _label(one: Outcome) -> str:
    if not one.row.event:
        return "harmless"
    if one.verdict == EVENT and one.answer["category"] in one.row.categories:
        return str(one.answer["category"])
    return str(one.row.categories[0])


def _answered(one: Outcome) -> str:
    return str(one.answer["category"]) if one.verdict == EVENT else one.verdict
