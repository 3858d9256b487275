# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""What a notice is by its frames: an event and its category, the end of one, harmless, or nothing that can be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exchanges.announcements.frames.sense import UNTIL
from exchanges.announcements.frames.types import TITLE, TRADING_STOPS, Action, Frame, Mood

_WALLET = (Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS)
CATEGORY_OF = {
    Action.SWAP: "token_migration",
    Action.RENAME: "token_migration",
    Action.FORK: "hard_fork",
    Action.UPGRADE: "network_upgrade",
    Action.END_TRADING: "delisting",
    Action.HALT_TRADING: "trading_suspension",
    Action.WARN: "risk_warning",
    Action.STOP_WALLET: "wallet_suspension",
    Action.STOP_DEPOSITS: "wallet_suspension",
    Action.STOP_WITHDRAWALS: "wallet_suspension",
}
# What a title that says several things is about.
_TITLE_ORDER = (
    Action.WARN, Action.SWAP, Action.RENAME, Action.END_TRADING, Action.FORK, Action.UPGRADE, Action.HALT_TRADING, *_WALLET,
)  # fmt: skip
# What a body is about, where the title says nothing.
_BODY_ORDER = (
    Action.SWAP, Action.RENAME, Action.FORK, Action.UPGRADE, Action.END_TRADING, Action.HALT_TRADING, Action.WARN, *_WALLET,
)  # fmt: skip
_OF_THE_COIN = frozenset({Action.FORK, Action.UPGRADE, Action.SWAP, Action.RENAME})
_HOLDS = frozenset({Mood.ANNOUNCED, Mood.IN_FORCE, Mood.POSTPONED})


@dataclass(frozen=True)
class Decision:
    """What the frames say. by_title: the title says it itself. named: about a coin or pair that is named; of a body,
        with a date.

    phase: completed, resumed, cancelled or postponed, where the frames give it.
    """

    category: str
    event: bool
    phase: str | None
    by_title: bool
    named: bool


def holds(frame: Frame) -> bool:
    """Whether a frame says that something at risk happens, is not denied and is no mere possibility."""
    return frame.action.risky and frame.polarity and frame.mood in _HOLDS


def decide(frames: Sequence[Frame], reference: datetime | None = None) -> Decision | None:
    """The decision by the frames; None where none of them says that something at risk happens or ends.

    reference: the release. What lies before it and is over puts nothing at risk.
    """
    title = [frame for frame in frames if frame.clause == TITLE]
    body = [frame for frame in frames if frame.clause != TITLE]
    decision = _by_title(title, body) or _by_body(title, body, reference)
    if decision is not None and decision.event:
        if _is_over(title, body, reference):
            return replace(decision, event=False, phase="resumed")
        if not decision.by_title and _stays(title, body):
            return replace(decision, event=False, phase="cancelled")
    return decision


def _is_over(title: list[Frame], body: list[Frame], reference: datetime | None) -> bool:
    """Whether what stopped runs again: something resumes, and nothing at risk lies ahead or is only in force."""
    if any(holds(frame) for frame in title):
        return False
    resumed = [
        frame
        for frame in (*title, *body)
        if frame.action is Action.OPEN
        and frame.resumes
        and frame.polarity
        and frame.mood in (Mood.ANNOUNCED, Mood.IN_FORCE, Mood.DONE)
        and not _NOTIFIED_LATER.search(frame.text)
        and not (reference and frame.start and frame.start.at > reference)
    ]
    if not resumed:
        return False
    ahead = [
        frame
        for frame in body
        if holds(frame)
        and frame.explicit
        and frame.start is not None
        and reference is not None
        and frame.start.at > reference
    ]
    ended = any(frame.action is Action.END_TRADING and frame.explicit and holds(frame) for frame in body)
    return not ahead and not ended


# When it reopens, another notice will say.
_NOTIFIED_LATER = re.compile(
    r"\b(?:another|separate|further|later|subsequent|follow-up|new) (?:notice|announcement|communication|message|post|update)\b|\b(?:will|shall|to) be (?:announced|communicated|notified|published|told)\b|\bwe(?:'ll| will| shall) (?:announce|inform|let you know|notify|post|write|update)|"
    r"另行|再行|恕不|待定|推后公告|별도|추후|추가 공지|別途|改めて|ayrıca (?:duyur|bildir|paylaş)|duyurulacak|bildirilecek|сообщ(?:им|ать|ено|ит)|объяв(?:им|ят|лено)|дополнительно|будет объявлен|sẽ (?:được )?thông báo|thông báo sau",
    re.I,
)


def _stays(title: list[Frame], body: list[Frame]) -> bool:
    """Whether the title says of all that the body names that it goes on."""
    stays = {token for frame in title if frame.action is Action.CONTINUE for token in frame.tokens}
    if any(holds(frame) and frame.action in (Action.UPGRADE, Action.FORK) for frame in body):
        # What happens to the network happens though trading goes on.
        return False
    risky = {token for frame in body if holds(frame) for token in frame.tokens}
    return bool(stays) and risky <= stays


def _by_title(title: list[Frame], body: list[Frame]) -> Decision | None:
    risky = [frame for frame in title if frame.action.risky]
    named = any(frame.tokens for frame in title) or any(frame.tokens for frame in body if holds(frame))
    ended = _ended(title, body)
    if ended is not None:
        return Decision(
            _category(risky or [frame for frame in body if frame.action.risky], body), False, ended, True, named
        )
    held = [frame for frame in risky if holds(frame) and (not frame.vague or (frame.tokens and frame.final))]
    if not held:
        return None
    explicit = any(holds(frame) and frame.explicit for frame in (*title, *body))
    goes_on = any(frame.action is Action.CONTINUE and frame.polarity for frame in body)
    if not explicit and goes_on and all(frame.action in TRADING_STOPS for frame in held):
        # Something else of the coin ends; its trading goes on.
        return None
    phase = "postponed" if any(frame.mood is Mood.POSTPONED for frame in held) else None
    return Decision(_category(held, body), True, phase, True, named)


def _ended(title: list[Frame], body: list[Frame]) -> str | None:
    """The phase by which a title ends an event."""
    if any(frame.action is Action.UNWARN for frame in title) and not any(holds(frame) for frame in title):
        return "resumed"
    risky = [frame for frame in title if frame.action.risky]
    if risky and all(not frame.polarity for frame in risky):
        # Unless the body dates the end of something.
        ends = any(f.action in TRADING_STOPS and holds(f) and f.explicit and f.start is not None for f in body)
        return None if ends else "cancelled"
    if any(
        frame.action is Action.OPEN and frame.resumes and frame.explicit and frame.polarity for frame in title
    ) and all(frame.action in _OF_THE_COIN for frame in risky):
        # "Ravencoin fork: deposits are open again": what stopped for it is over.
        return "resumed"
    for mood, phase in ((Mood.CANCELLED, "cancelled"), (Mood.DONE, "completed")):
        if risky and all(frame.mood is mood for frame in risky):
            return phase
    return None


def _category(frames: Sequence[Frame], body: Sequence[Frame]) -> str:
    actions = {frame.action for frame in frames}
    order = _TITLE_ORDER if any(frame.clause == TITLE for frame in frames) else _BODY_ORDER
    found = next((action for action in order if action in actions), Action.STOP_WALLET)
    if found is Action.WARN and any(
        frame.action is Action.END_TRADING and frame.tokens and frame.explicit for frame in frames
    ):
        found = Action.END_TRADING
    if found is Action.HALT_TRADING and not any(frame.explicit for frame in frames if frame.action is found):
        # "We cannot process X": what stops, other sentences say.
        stated = {frame.action for frame in body if holds(frame) and (frame.explicit or frame.tokens)}
        found = next((action for action in (Action.FORK, Action.UPGRADE, *_WALLET) if action in stated), found)
    if found in _WALLET or found is Action.HALT_TRADING:
        # A stop of deposits for the sake of an upgrade is the upgrade's.
        said = {frame.action for frame in body if holds(frame)}
        if found in _WALLET:
            named = {frame.action for frame in body if holds(frame) and (frame.tokens or frame.start)}
            found = next((action for action in (Action.FORK, Action.UPGRADE) if action in named), found)
        elif any(f.action is found and f.clause == TITLE and _BRIEFLY.search(f.words) for f in frames):
            pass
        elif Action.END_TRADING in said and any(frame.tickers for frame in body if frame.action is Action.END_TRADING):
            found = Action.END_TRADING
    if found in _WALLET and any(
        frame.action is Action.END_TRADING and frame.tickers and frame.start and frame.explicit and holds(frame)
        for frame in body
    ):
        # Deposits stop first when a coin leaves.
        found = Action.END_TRADING
    if found in _WALLET and any(f.action in TRADING_STOPS and f.tickers and f.explicit and holds(f) for f in body):
        found = Action.HALT_TRADING
    if found is Action.HALT_TRADING and _is_disabled(frames, body):
        found = Action.END_TRADING
    if found is Action.END_TRADING and (_is_for_a_time(frames, body) or _stops_at_once(frames, body)):
        found = Action.HALT_TRADING
    return CATEGORY_OF[found]


_DISABLED = re.compile(r"(?:disabl\w+|offline|limit-only)(?:, (?:disabl\w+|offline|limit-only))*", re.I)
_FOR_A_REASON = re.compile(
    r"temporar|brief|until|maintenance|upgrade|incident|resum|reopen|volatil|exploit|hack|attack|migrat|swap|investigat|outage",
    re.I,
)


def _is_disabled(frames: Sequence[Frame], body: Sequence[Frame]) -> bool:
    """Whether trading "will be disabled" on a day, and nothing says why or until when: it does not come back."""
    stops = [
        frame for frame in (*frames, *body) if frame.action is Action.HALT_TRADING and holds(frame) and frame.words
    ]
    if not stops or not all(_DISABLED.fullmatch(frame.words) for frame in stops):
        return False
    dated = any(frame.start is not None for frame in stops)
    return dated and not any(_FOR_A_REASON.search(frame.text) for frame in (*frames, *body))


_BRIEFLY = re.compile(r"\b(?:temporar\w+|brief\w*|short\w*)\b", re.I)


def _stops_at_once(frames: Sequence[Frame], body: Sequence[Frame]) -> bool:
    """Whether trading "stopped" or "stops at once", and no words say that it ends."""
    ends = [frame for frame in (*frames, *body) if frame.action is Action.END_TRADING and holds(frame) and frame.words]
    return any(frame.mood is Mood.IN_FORCE for frame in ends) and all(_STOPS.fullmatch(frame.words) for frame in ends)


_STOPS = re.compile(r"(?:stop(?:s|ped)?(?:, )?)+", re.I)


FOR_SOME_TIME = re.compile(
    r"\b(?:closed|stopped|down|shut|frozen) pending\b|\b(?:stops?|pauses?|rests?|closes?|down|stopped|closed)\b[^.;]{0,80}\bfor (?:about |some |around |roughly |approximately |up to |at most )?(?:\d{1,3}|one|two|three|four|five|six|an?|half an|ten|fifteen|twenty|thirty|forty-five|a few) (?:minutes?|hours?|min|h)\b",
    re.I,
)


def _is_for_a_time(frames: Sequence[Frame], body: Sequence[Frame]) -> bool:
    """Whether trading "closes" only until it opens again."""
    ends = [frame for frame in (*frames, *body) if frame.action is Action.END_TRADING and holds(frame)]
    if any(frame.final for frame in ends):
        return False
    if any(frame.reopens is not None and frame.start is not None for frame in ends):
        return True
    if any(FOR_SOME_TIME.search(frame.text) for frame in ends):
        return True
    window = any(frame.end is not None or (frame.start is not None and frame.start.end is not None) for frame in ends)
    about = {token for frame in ends for token in frame.tokens}
    reopens = any(
        frame.action is Action.OPEN and not frame.tickers and (not frame.tokens or about & set(frame.tokens))
        for frame in body
    )
    # "Stops at 01:00; we plan to be back by 05:00"
    back = any(
        frame.action is Action.OPEN and frame.resumes and frame.start and not frame.tickers
        and any(end.start and end.start.at < frame.start.at for end in ends)
        for frame in body
    )  # fmt: skip
    if back and not any(frame.tickers for frame in ends):
        return True
    pause = any(frame.action is Action.HALT_TRADING and frame.explicit for frame in (*frames, *body))
    return (window or pause) and (reopens or (window and pause))


def _by_body(title: list[Frame], body: list[Frame], reference: datetime | None) -> Decision | None:
    held = [frame for frame in body if holds(frame)]
    new = {token for f in (*title, *body) if f.action is Action.OPEN and not f.resumes for token in f.tokens}
    listing = any(frame.action in (Action.OPEN, Action.SIDE) for frame in title)
    # "Withdrawals of the new coin are closed until 15 May": then they open.
    held = [
        frame
        for frame in held
        if frame.action not in _WALLET
        or not (listing or new & set(frame.tokens))
        or not _OPENS_LATER.search(frame.text)
    ]
    # "FOOU26 is listed on Monday. It expires on 25 September."
    held = [frame for frame in held if not (frame.inherited and new and _EXPIRES.fullmatch(frame.words))]
    # What a sentence is about may stand in the title, or in a list without a verb.
    names = any(frame.tokens for frame in (*title, *held)) or any(frame.action is Action.OTHER for frame in body)
    explicit = [frame for frame in held if frame.explicit and (frame.tokens or names or _is_of_a_market(frame))]
    benign = [frame for frame in title if frame.action in (Action.OPEN, Action.SIDE) or frame.mood is Mood.DONE]
    if benign:
        # Under such a title only what is dated, or in force, counts.
        explicit = [frame for frame in explicit if frame.start is not None or frame.mood is Mood.IN_FORCE]
    # A loose sentence counts where it names a coin and a time.
    explicit = explicit or [
        frame for frame in held if frame.tokens and frame.start is not None and not frame.vague and frame.words
    ]
    if not explicit or is_reported(held, reference):
        return None
    phase = "postponed" if any(frame.mood is Mood.POSTPONED for frame in held) else None
    dated = any(frame.start is not None or frame.mood is Mood.IN_FORCE for frame in explicit)
    only_until = all(frame.action in _WALLET and UNTIL.fullmatch(frame.words) for frame in explicit)
    if only_until and any(frame.action is Action.OTHER and frame.tickers for frame in body):
        # Withdrawals end some time after trading has.
        return Decision("delisting", True, phase, False, dated)
    about = [frame for frame in held if frame.explicit or (frame.tokens and frame.words and not frame.vague)]
    return Decision(_category(about or explicit, body), True, phase, False, dated)


_EXPIRES = re.compile(r"(?:expir\w+|settle[sd]?)(?:, (?:expir\w+|settle[sd]?))*", re.I)
_OPENS_LATER = re.compile(r"\b(?:closed|disabled|unavailable|suspended|locked|not possible) (?:until|till)\b", re.I)


def _is_of_a_market(frame: Frame) -> bool:
    """Whether a market, or all deposits, stop at a time that is given."""
    if frame.action is Action.HALT_TRADING:
        return frame.start is not None
    return frame.action in _WALLET and (frame.start is not None or frame.mood is Mood.IN_FORCE)


# What is announced later than this after it happened is told, and not announced.
REPORTED = timedelta(days=1)


def is_reported(held: Sequence[Frame], reference: datetime | None) -> bool:
    """Whether a body only tells what happened long ago: all of its dates are past, and nothing is in force."""
    starts = [frame.start.at for frame in held if frame.start is not None]
    if reference is None or not starts or any(frame.mood is Mood.IN_FORCE for frame in held):
        return False
    return reference - max(starts) > REPORTED
