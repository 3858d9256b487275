"""The rule of a title, where the frames of the same title say the opposite: "FOO will not be delisted"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.types import TITLE, TRADING_STOPS, Action, Frame, Mood

# The rules whose words stand in other titles too ("delisted tokens", "after retiring"): the frames have to agree.
LOOSE = frozenset(
    {
        "delisting",
        "removal-of-traded",
        "named-token-removed",
        "hard-fork",
        "network-upgrade",
        "token-migration",
        "wallet-suspended",
        "venue-removes",
        "wallet-support-ends",
        "trading-suspended",
        "market-maintenance",
    }
)


def turned(rule: Rule, frames: Sequence[Frame]) -> Rule:
    """The rule of a title, turned where the frames of the same title say the opposite."""
    title = [frame for frame in frames if frame.clause == TITLE and frame.action is not Action.OTHER]
    held = any(holds(frame) for frame in title)
    if (
        rule.event
        and title
        and not held
        and not any(frame.action is Action.SIDE for frame in title)
        and not any(frame.action.risky and frame.mood not in (Mood.ANNOUNCED, Mood.IN_FORCE) for frame in title)
    ):
        if not any(
            frame.action in (Action.OPEN, Action.UNWARN) or (frame.action.risky and not frame.polarity)
            for frame in title
        ):
            return rule
        reopened = any(frame.action in (Action.OPEN, Action.UNWARN) for frame in title)
        return replace(rule, event=False, phase="resumed" if reopened else "cancelled", name=f"{rule.name}, turned")
    risky = [frame for frame in title if frame.action.risky]
    if (
        rule.event
        and rule.name in LOOSE | {"wallet-maintenance"}
        and risky
        and all(frame.mood is Mood.DONE for frame in risky)
    ):
        return replace(rule, event=False, phase="completed", name=f"{rule.name}, done")
    if rule.event and rule.phase is None and risky and all(frame.mood is Mood.POSTPONED for frame in risky):
        return replace(rule, phase="postponed")
    if (
        not rule.event
        and rule.phase == "resumed"
        and any(
            frame.mood is Mood.POSTPONED
            or (frame.action in TRADING_STOPS and holds(frame) and frame.explicit and frame.tokens)
            for frame in title
        )
    ):
        # What reopens later than planned stays closed.
        return replace(rule, event=True, phase="postponed", name=f"{rule.name}, postponed")
    return rule
