"""Which clauses gave each part of the answer, and what of the notice is not in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from exchanges.announcements.frames.decide import CATEGORY_OF, holds
from exchanges.announcements.frames.kinds import FRAMES
from exchanges.announcements.frames.types import TITLE, Action, Frame
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.trace.reasons import (
    why_at_risk,
    why_dated,
    why_harmless,
    why_not_dated,
    why_not_named,
)
from exchanges.announcements.trace.types import Line, Part, PartKind, Reason
from exchanges.announcements.types import ParsedNotice

# More clauses than a person follows for one name, and more names than a page can show.
MAX_REASONS, MAX_LEFT_OUT = 8, 150
_ENDED = frozenset({"completed", "resumed", "cancelled"})
_ENDS = frozenset({Action.END_TRADING, Action.HALT_TRADING})
_WALLET = frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS})
_ACTIONS_OF_STATUS = {
    "delisting": _ENDS,
    "delisted": _ENDS,
    "trading_suspended": _ENDS,
    "wallet_suspended": _WALLET,
    "deposits_suspended": frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS}),
    "withdrawals_suspended": frozenset({Action.STOP_WALLET, Action.STOP_WITHDRAWALS}),
}


def given_parts(notice: ParsedNotice, lines: Sequence[Line]) -> Iterator[Part]:
    """Each part of the answer, with the clauses that gave it."""
    if notice.category is not None:
        yield Part(PartKind.CATEGORY, notice.category, _of_category(notice, lines))
    yield Part(PartKind.STATUS, notice.trading_status, _of_status(notice, lines))
    for token in notice.tokens:
        yield Part(PartKind.TOKEN, token, _of_name(token, notice, lines, _has_token))
    for ticker in notice.tickers:
        yield Part(PartKind.TICKER, ticker, _of_name(ticker, notice, lines, _has_ticker))
    for at, what in answered_dates(notice).items():
        yield Part(PartKind.DATE, iso(at), _of_date(at, what, lines))


def left_out_parts(
    notice: ParsedNotice, lines: Sequence[Line], parts: Sequence[Clause], reference: datetime | None
) -> list[Part]:
    """Names and dates of the notice that are not in its answer, in the order of the text."""
    found: dict[tuple[PartKind, str], list[Reason]] = {}
    tickers = {_plain(ticker) for ticker in notice.tickers}
    known = answered_dates(notice)

    def add(kind: PartKind, value: str, reason: Reason) -> None:
        reasons = found.setdefault((kind, value), []) if len(found) < MAX_LEFT_OUT else found.get((kind, value))
        if reasons is not None and len(reasons) < MAX_REASONS and reason not in reasons:
            reasons.append(reason)

    for line in lines:
        for name in line.names:
            if name.token not in notice.tokens:
                add(PartKind.TOKEN, name.token, Reason(line.number, why_not_named(name.token, line, notice)))
            if name.ticker is not None and _plain(name.ticker) not in tickers:
                add(PartKind.TICKER, name.ticker, Reason(line.number, why_not_named(name.ticker, line, notice)))
        clause = parts[line.number] if line.number != TITLE else None
        for moment in line.moments:
            if moment.at not in known:
                why = why_not_dated(moment, line, clause, notice, tuple(known), reference)
                add(PartKind.DATE, iso(moment.at), Reason(line.number, why))
    return [Part(kind, value, tuple(reasons)) for (kind, value), reasons in found.items()]


def answered_dates(notice: ParsedNotice) -> dict[datetime, str]:
    """The dates of an answer, with what happens then."""
    dates: dict[datetime, str] = {}
    for date in notice.important_dates:
        dates[date.at] = f"{dates[date.at]}; {date.what}" if date.at in dates else date.what
    for at, what in ((notice.trading_ends_at, "trading ends"), (notice.resumes_at, "it resumes")):
        if at is not None:
            dates.setdefault(at, what)
    return dict(sorted(dates.items()))


def _frames(lines: Iterable[Line], counts: Callable[[Frame], bool]) -> Iterator[Frame]:
    return (item.frame for line in lines for item in line.frames if counts(item.frame))


def _is_by_rule(notice: ParsedNotice) -> bool:
    return not notice.rule.startswith(FRAMES)


def _of_category(notice: ParsedNotice, lines: Sequence[Line]) -> tuple[Reason, ...]:
    reasons = [Reason(TITLE, f"by the rule {notice.rule}")] if _is_by_rule(notice) else []
    held = _frames(lines, lambda frame: holds(frame) and CATEGORY_OF.get(frame.action) == notice.category)
    reasons += _unique(Reason(frame.clause, why_at_risk(frame)) for frame in _after(reasons, held))
    if not reasons and notice.phase in _ENDED:
        reasons += _of_end(notice, lines)
    return tuple(reasons[:MAX_REASONS]) or (Reason(None, f"by {notice.rule}"),)


def _of_status(notice: ParsedNotice, lines: Sequence[Line]) -> tuple[Reason, ...]:
    if notice.review is not None and not notice.event:
        return (Reason(None, "nobody has decided on the notice yet"),)
    if notice.phase in _ENDED:
        return tuple(_of_end(notice, lines)[:MAX_REASONS]) or (Reason(TITLE, f"the notice is {notice.phase}"),)
    if not notice.event:
        return (Reason(None, "nothing is at risk"),)
    if notice.trading_status == "trading":
        why = "only margin trading ends" if notice.market == "margin" else "no clause says that trading ends or stops"
        return (Reason(None, why),)
    actions = _ACTIONS_OF_STATUS.get(notice.trading_status, frozenset())
    reasons = [Reason(TITLE, f"by the rule {notice.rule}")] if _is_by_rule(notice) else []
    held = _frames(lines, lambda frame: holds(frame) and frame.action in actions)
    reasons += _unique(Reason(frame.clause, why_at_risk(frame)) for frame in _after(reasons, held))
    return tuple(reasons[:MAX_REASONS]) or (Reason(None, f"what a {words(notice.category)} leads to"),)


def _after(reasons: Sequence[Reason], frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames of clauses that have no reason yet."""
    known = {reason.clause for reason in reasons}
    return (frame for frame in frames if frame.clause not in known)


def _of_end(notice: ParsedNotice, lines: Sequence[Line]) -> list[Reason]:
    reasons = [Reason(TITLE, f"{notice.phase}, by the rule {notice.rule}")] if _is_by_rule(notice) else []
    ended = _frames(lines, lambda frame: frame.action not in (Action.OTHER, Action.SIDE) and not holds(frame))
    return reasons + _unique(Reason(frame.clause, f"{notice.phase}: {why_harmless(frame)}") for frame in ended)


def _has_token(name: str, line: Line) -> bool:
    return any(spotted.token == name for spotted in line.names)


def _has_ticker(name: str, line: Line) -> bool:
    return any(spotted.ticker is not None and _plain(spotted.ticker) == _plain(name) for spotted in line.names)


def _of_name(
    name: str, notice: ParsedNotice, lines: Sequence[Line], has: Callable[[str, Line], bool]
) -> tuple[Reason, ...]:
    """First what is said to be at risk, then the title, then lists and further sentences that name it."""
    stated, titled, named = [], [], []
    for line in lines:
        frames = [item.frame for item in line.frames if name in item.frame.tokens or name in item.frame.tickers]
        risky = [frame for frame in frames if holds(frame)]
        if risky:
            stated += [Reason(line.number, why_at_risk(frame)) for frame in risky]
        elif not (frames or has(name, line)):
            continue
        elif line.number == TITLE:
            titled.append(Reason(TITLE, "the title names it"))
        else:
            named.append(Reason(line.number, _why_named(frames, notice, line)))
    reasons = _unique([*titled, *stated] or named)
    return tuple(reasons[:MAX_REASONS]) or (Reason(None, "put together from several names of the notice"),)


def _why_named(frames: Sequence[Frame], notice: ParsedNotice, line: Line) -> str:
    """Why a clause gives a name, though no frame says that something happens to it."""
    for frame in frames:
        harmless = why_harmless(frame)
        if frame.action is not Action.OTHER and harmless is not None:
            return f"{notice.rule} has it from here, although its frame says: {harmless}"
    return "a list or table names it" if line.lead else f"{notice.rule} has it from here"


def _of_date(at: datetime, what: str, lines: Sequence[Line]) -> tuple[Reason, ...]:
    reasons = [
        Reason(line.number, why_dated(moment, at, line, what))
        for line in lines
        for moment in line.moments
        if at in (moment.at, moment.end)
    ]
    body = [reason for reason in reasons if reason.clause != TITLE]
    return tuple(_unique(body or reasons)[:MAX_REASONS]) or (Reason(None, what or "put together from several clauses"),)


def words(category: str | None) -> str:
    return (category or "").replace("_", " ")


def iso(at: datetime) -> str:
    """A time as every page and answer writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(ticker: str) -> str:
    return "".join(letter for letter in ticker if letter.isalnum())


def _unique(reasons: Iterable[Reason]) -> list[Reason]:
    return list(dict.fromkeys(reasons))
