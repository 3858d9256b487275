"""The report of a drill: one page, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.loader import render_to_string

from alerts.models import Acknowledgement
from drills.answers import Happened, answer_to
from drills.bot import Change, DrillBot
from drills.crises.crisis import Chapter, Crisis
from drills.receiver import SentCard

CHANGES_SHOWN = 8


@dataclass(frozen=True)
class Acknowledged:
    """Who took an event, and how many real seconds after its first card."""

    by: str
    seconds: float


@dataclass(frozen=True)
class ChapterLine:
    """at: when it was published. seconds: until the receiver had accepted the card; None where none came, or none is
    due. acknowledged: None where nobody did."""

    chapter: Chapter
    at: datetime
    seconds: float | None
    heading: str
    acknowledged: Acknowledged | None

    @property
    def expects(self) -> bool:
        return bool(self.chapter.category)


@dataclass(frozen=True)
class PairLine:
    """A pair that the drill's bot trades. was_free: it could be opened before the crisis. seconds: from the beginning
    of the crisis until `can_trade` refused to open; None where it never did."""

    exchange: str
    symbol: str
    was_free: bool
    seconds: float | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class DrillReport:
    """began: of the first chapter. receiver: who got the cards. aborted: "" where the crisis was played to its end."""

    crisis: Crisis
    began: datetime
    played: timedelta
    real_seconds: float
    receiver: str
    chapters: tuple[ChapterLine, ...]
    pairs: tuple[PairLine, ...]
    cards: tuple[SentCard, ...]
    not_accepted: tuple[str, ...]
    failures: tuple[str, ...]
    aborted: str = ""

    @property
    def to_alert(self) -> float | None:
        """Seconds from the first chapter to the first card that it was due."""
        return next((line.seconds for line in self.chapters if line.expects), None)

    @property
    def to_acknowledge(self) -> Acknowledged | None:
        found = [line.acknowledged for line in self.chapters if line.acknowledged]
        return min(found, key=lambda one: one.seconds, default=None)

    @property
    def to_block(self) -> float | None:
        """Seconds until the last of the pairs was blocked; None where one never was."""
        seconds = [line.seconds for line in self.pairs]
        return None if None in seconds or not seconds else max(second for second in seconds if second is not None)

    @property
    def passed(self) -> bool:
        """Every due card came, and every pair was free before and blocked after. An acknowledgement is a person's."""
        cards = all(line.seconds is not None for line in self.chapters if line.expects)
        return not self.aborted and cards and all(line.was_free and line.seconds is not None for line in self.pairs)


def report_of(
    crisis: Crisis,
    happened: Sequence[Happened],
    bot: DrillBot,
    cards: Sequence[SentCard],
    acknowledged: dict[int, float],
    *,
    ends: datetime,
    real_seconds: float,
    receiver: str,
    not_accepted: Sequence[str],
    failures: Sequence[str],
    aborted: str,
) -> DrillReport:
    """Reads the events of the drill from its database. acknowledged: event → monotonic seconds."""
    began = happened[0].at if happened else ends
    return DrillReport(
        crisis=crisis,
        began=began,
        played=ends - began,
        real_seconds=real_seconds,
        receiver=receiver,
        chapters=tuple(_chapter_line(one, cards, acknowledged) for one in happened),
        pairs=tuple(_pair_line(bot, pair, began) for pair in crisis.pairs),
        cards=tuple(cards),
        not_accepted=tuple(not_accepted),
        failures=tuple(dict.fromkeys(failures)),
        aborted=aborted,
    )


def _chapter_line(one: Happened, cards: Sequence[SentCard], acknowledged: dict[int, float]) -> ChapterLine:
    card, ids = answer_to(one, cards)
    if card is None:
        return ChapterLine(one.chapter, one.at, None, "", None)
    taken = sorted(card.event_ids & ids & set(acknowledged))
    return ChapterLine(
        one.chapter,
        one.at,
        (card.at - one.at).total_seconds(),
        card.heading,
        _acknowledged(taken[0], cards, acknowledged) if taken else None,
    )


def _acknowledged(event_id: int, cards: Sequence[SentCard], acknowledged: dict[int, float]) -> Acknowledged:
    first = next(card.real for card in cards if event_id in card.event_ids)
    by = Acknowledgement.objects.filter(event=event_id).order_by("pk").values_list("by", flat=True).first()
    return Acknowledged(by or "somebody", max(acknowledged[event_id] - first, 0.0))


def _pair_line(bot: DrillBot, pair: tuple[str, str], began: datetime) -> PairLine:
    blocked = bot.blocked_at(pair)
    changes = tuple(change for change in bot.changes if (change.exchange, change.symbol) == pair)
    seconds = None if blocked is None else (blocked - began).total_seconds()
    return PairLine(*pair, bot.was_free(pair, began), seconds, changes)


def duration(seconds: float | None) -> str:
    """ "12.3 s", "4 min 05 s", "2 h 03 min"; "never" for None."""
    if seconds is None:
        return "never"
    if seconds < 100:
        return f"{seconds:.1f} s"
    seconds_shown = round(seconds)
    if seconds_shown < 6000:
        return f"{seconds_shown // 60} min {seconds_shown % 60:02} s"
    return f"{seconds_shown // 3600} h {seconds_shown % 3600 // 60:02} min"


def as_text(report: DrillReport) -> str:
    return render_to_string("drills/report.txt", _context(report))


def as_html(report: DrillReport) -> str:
    return render_to_string("drills/report.html", _context(report))


@dataclass(frozen=True)
class Summary:
    """The three times, in words."""

    alert: str
    acknowledge: str
    block: str


def summary(report: DrillReport) -> Summary:
    return Summary(duration(report.to_alert), _acknowledged_text(report.to_acknowledge), duration(report.to_block))


def _acknowledged_text(taken: Acknowledged | None) -> str:
    return f"{duration(taken.seconds)}, by {taken.by}" if taken else "nobody acknowledged"


def _context(report: DrillReport) -> dict[str, object]:
    return {
        "report": report,
        "times": summary(report),
        "real": duration(report.real_seconds),
        "played": duration(report.played.total_seconds()),
        "chapters": [
            {
                "at": _signed(line.at - report.began),
                "what": line.chapter.what,
                "expects": line.expects,
                "alert": duration(line.seconds) if line.expects else "none due",
                "heading": line.heading,
                "acknowledged": _acknowledged_text(line.acknowledged),
            }
            for line in report.chapters
        ],
        "pairs": [
            {
                "name": f"{line.exchange} {line.symbol}",
                "free": "open" if line.was_free else "NOT OPEN: the block proves nothing",
                "blocked": duration(line.seconds),
                "changes": [
                    {
                        "at": _signed(change.at - report.began),
                        "action": change.answer.action,
                        "opens": "may open" if change.answer.may_open else "no opening",
                        "closes": "may close" if change.answer.may_close else "no closing",
                        "trading": change.answer.trading_status,
                        "status": change.answer.status,
                    }
                    for change in line.changes[:CHANGES_SHOWN]
                ],
                "more": max(len(line.changes) - CHANGES_SHOWN, 0),
            }
            for line in report.pairs
        ],
    }


def _signed(passed: timedelta) -> str:
    seconds = round(passed.total_seconds())
    return ("-" if seconds < 0 else "+") + str(timedelta(seconds=abs(seconds)))
