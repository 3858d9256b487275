"""The report as text: a set, its parts, its confusion matrix, its misses, and the table of bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.announcements.bounds import Bound
from benchmarks.announcements.counts import Share, f1_interval, shown
from benchmarks.announcements.labelled import Row
from benchmarks.announcements.score import EVENT, LOOSE, NOTHING, REVIEW, Score

_SHARES = ("category", "phase", "market", "trading_status")
_SHORT = {
    "delisting": "delist",
    "trading_suspension": "halt",
    "wallet_suspension": "wallet",
    "network_upgrade": "upgrade",
    "hard_fork": "fork",
    "token_migration": "migrate",
    "risk_warning": "warning",
}
_LAST = ("harmless", REVIEW, NOTHING)


def set_lines(score: Score, misses: bool) -> Iterator[str]:
    """Everything about one labelled set."""
    speed = f"; {score.rows / score.seconds:.0f} notices/s" if score.seconds else ""
    yield f"\n=== {score.name}: {score.rows} notices, {score.count(True)} events{speed}"
    yield f"  precision       {score.precision}"
    yield f"  recall          {score.recall}; without review {score.recall_alone}"
    yield f"  review          {score.count(True, REVIEW)} events, harmless {score.harmless_reviews}"
    for name in _SHARES:
        if (share := score.share(name)).total:
            yield f"  {name:<15} {share}"
    for name in ("tokens", "tickers", LOOSE, "important_dates"):
        if each := score.each_names(name):
            names = score.names(name)
            exact = f"; share {names.share:.3f}" if name == "important_dates" else ""
            label = {LOOSE: "tickers, loose", "important_dates": "dates"}.get(name, name)
            yield f"  {label:<15} F1 {names.f1:.3f} {shown(f1_interval(each))}  ({names}){exact}"
    yield from part_lines(score, "language", lambda row: row.language)
    yield from part_lines(score, "style", lambda row: row.style or "-")
    yield from category_lines(score)
    yield from confusion_lines(score)
    if misses:
        yield from (f"    miss: {miss}" for miss in score.misses)


def category_lines(score: Score) -> Iterator[str]:
    """For each category: of the answers with it how many are right, of the labels with it how many were answered."""
    counts = score.confusion
    for category in sorted({label for label, _ in counts} | {answer for _, answer in counts}):
        if category in _LAST:
            continue
        right = counts[category, category]
        answered = Share(right, sum(count for (_, answer), count in counts.items() if answer == category))
        labelled = Share(right, sum(count for (label, _), count in counts.items() if label == category))
        yield f"    {category:<20} precision {answered}, recall {labelled}"


def part_lines(score: Score, name: str, key: Callable[[Row], str]) -> Iterator[str]:
    """A line for each language or style, where there is more than one. reviewed: of the harmless ones."""
    counted = Counter(key(one.row) for one in score.outcomes)
    if len(counted) < 2:
        return
    head = (
        "notices",
        "events",
        "precis.",
        "recall",
        "alone",
        "categ.",
        "tokens",
        "tickers",
        "dates",
        "reviewed",
    )
    yield f"  {name:<15}" + "".join(f"{word:>9}" for word in head)
    for value, total in counted.most_common():
        part = score.part(value, lambda row, value=value: key(row) == value)  # type: ignore[misc]
        figures = (
            _of(part.precision), _of(part.recall), _of(part.recall_alone), _of(part.share("category")),
            *(f"{part.names(field).f1:.3f}" if part.each_names(field) else "-" for field in ("tokens", LOOSE)),
            f"{part.names('important_dates').share:.3f}" if part.each_names("important_dates") else "-",
            f"{part.harmless_reviews.right}/{part.harmless_reviews.total}",
        )  # fmt: skip
        yield f"    {value:<13}{total:>9}{part.count(True):>9}" + "".join(f"{figure:>9}" for figure in figures)


def confusion_lines(score: Score) -> Iterator[str]:
    """Labels down, answers across."""
    counts = score.confusion
    answers = _sorted({answer for _, answer in counts})
    yield "  label \\ answer  " + "".join(f"{_SHORT.get(answer, answer):>9}" for answer in answers)
    for label in _sorted({label for label, _ in counts}):
        cells = "".join(f"{counts[label, answer] or '.':>9}" for answer in answers)
        yield f"    {_SHORT.get(label, label):<14}" + cells


def unlabelled_lines(score: Score, events: bool) -> Iterator[str]:
    """Reviews of the unlabelled articles by month; and what is taken for an event, where that is asked."""
    found = [one for one in score.outcomes if one.verdict == EVENT]
    reviews = [one for one in score.outcomes if one.verdict == REVIEW]
    yield f"\n=== unlabelled: {score.rows} articles; {score.rows / score.seconds:.0f} notices/s"
    yield f"  {len(found)} are taken for events, {len(reviews)} are for review"
    yield f"  {sum(one.row.event is not None for one in score.outcomes)} have a labelled title: {_counted(score)}"
    for month, count in sorted(Counter(one.row.label for one in reviews).items()):
        yield f"  {month}: {count} reviews"
    yield from (f"    review: {one.row.title!r}: {one.answer['review_reason']}" for one in reviews)
    yield from (f"    miss: {one.miss}" for one in score.outcomes if "event" in one.problems)
    if events:
        for one in sorted(found, key=lambda one: (one.row.label, one.row.title)):
            names = ", ".join(one.answer["tickers"] or one.answer["tokens"])
            dates = ", ".join(date[:16] for date in one.answer["important_dates"])
            answer = f"{one.answer['category']}/{one.answer['phase']} [{one.answer['rule']}]"
            yield f"    event: {one.row.label} {answer} {one.row.title} -> {names} @ {dates}"


def bound_lines(bounds: Iterable[Bound], markdown: bool = False) -> Iterator[str]:
    """The table of what must hold."""
    if markdown:
        yield "| what | figure | 95 % interval | counted | must be | holds |"
        yield "| --- | --- | --- | --- | --- | --- |"
    else:
        yield "\n=== what must hold"
    for bound in bounds:
        must = f"≥ {bound.least:g}" if bound.least is not None else f"≤ {bound.most:g}"
        value = f"{bound.value:.3f}" if bound.interval else f"{bound.value:.0f}"
        interval = shown(bound.interval) if bound.interval else ""
        if markdown:
            holds = "yes" if bound.holds else "**no**"
            yield f"| {bound.name} | {value} | {interval} | {bound.counts} | {must} | {holds} |"
        else:
            holds = "" if bound.holds else "  <- DOES NOT HOLD"
            yield f"  {bound.name:<50} {value:>6} {interval:<16} {must:<8} {bound.counts}{holds}"


def _sorted(names: set[str]) -> Sequence[str]:
    return sorted(names, key=lambda name: (name in _LAST, name))


def _of(share: Share) -> str:
    return f"{share.value:.3f}" if share.total else "-"


def _counted(score: Score) -> str:
    return (
        f"{score.count(True, EVENT)} of {score.count(True)} events are seen, "
        f"{score.count(False, EVENT)} of {score.count(False)} harmless ones are taken for events"
    )
