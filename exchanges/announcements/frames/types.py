"""A clause frame: what one sentence, list item or table row says happens, to what, when. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exchanges.announcements.text.dates import Moment

TITLE = -1


class Action(StrEnum):
    """What a frame says."""

    END_TRADING = "trading ends"
    HALT_TRADING = "trading is suspended"
    STOP_DEPOSITS = "deposits stop"
    STOP_WITHDRAWALS = "withdrawals stop"
    STOP_WALLET = "deposits and withdrawals stop"
    SWAP = "tokens are swapped"
    RENAME = "a ticker changes"
    FORK = "a network forks"
    UPGRADE = "a network is upgraded"
    WARN = "a warning is set"
    UNWARN = "a warning is lifted"
    OPEN = "something opens or reopens"
    CONTINUE = "something goes on as before"
    SIDE = "a product that trades nothing changes"
    OTHER = "something is only named"

    @property
    def risky(self) -> bool:
        """Whether it puts trading, deposits or a coin at risk."""
        return self in _RISKY


_RISKY = frozenset(
    {
        Action.END_TRADING,
        Action.HALT_TRADING,
        Action.STOP_DEPOSITS,
        Action.STOP_WITHDRAWALS,
        Action.STOP_WALLET,
        Action.SWAP,
        Action.RENAME,
        Action.FORK,
        Action.UPGRADE,
        Action.WARN,
    }
)


# What ends or halts the trading of something.
TRADING_STOPS = frozenset({Action.END_TRADING, Action.HALT_TRADING})


class Mood(StrEnum):
    ANNOUNCED = "announced"
    IN_FORCE = "in force"
    DONE = "done"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    POSSIBLE = "possible"


# Not frozen: that costs twice as much to make, and a notice has hundreds.
@dataclass(unsafe_hash=True)
class Frame:
    """One message of a notice.

    clause: number of the clause of the body (`text.clauses.clauses`), or TITLE.
    polarity: False where it is denied ("will not be interrupted").
    tokens: assets, upper case. tickers: pairs BASE/QUOTE or contract symbols, as written.
    market: spot, usdm, coinm, margin, options, or None.
    start: when it happens; end: the second end of a window; reopens: when the stop is over. UTC.
    superseded: moments that this message replaces.
    explicit: the message itself has the verb, what it happens to and a name, and speaks of nothing that trades nothing.
    vague: the message also speaks of products that trade nothing, of terms, promotions or possibilities.
    final: the words say that it is for good.
    resumes: something that had stopped opens again.
    inherited: its names are those of a sentence before ("these contracts").
    words: the words that gave the action, for an admin.
    """

    action: Action
    clause: int
    text: str
    polarity: bool = True
    mood: Mood = Mood.ANNOUNCED
    tokens: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()
    market: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    reopens: Moment | None = None
    superseded: tuple[Moment, ...] = ()
    explicit: bool = False
    vague: bool = False
    final: bool = False
    resumes: bool = False
    inherited: bool = False
    words: str = ""
