"""Pairs that leave without a verb that says so: a last day for withdrawals, weeks away, stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.types import TITLE, Action, Frame

# A wallet that closes for maintenance or an upgrade does so within days of the notice.
LEAST_NOTICE = timedelta(days=12)
_ABOUT_TRADING = frozenset(
    {Action.END_TRADING, Action.HALT_TRADING, Action.SWAP, Action.RENAME, Action.FORK, Action.UPGRADE}
)
_WITHDRAWALS = frozenset({Action.STOP_WITHDRAWALS, Action.STOP_WALLET})


def with_departures(frames: Sequence[Frame], reference: datetime | None) -> tuple[Frame, ...]:
    """The frames, with the pairs that no words explain as leaving where only withdrawals have a last day, weeks away.

    Where any frame says what happens to trading, that is what happens. reference: the release.
    """
    said = [frame for frame in frames if frame.action is not Action.OTHER]
    if reference is None or any(frame.action in _ABOUT_TRADING or frame.action is Action.OPEN for frame in said):
        return tuple(frames)
    last = [
        frame.start.at
        for frame in said
        if frame.action in _WITHDRAWALS and frame.start is not None and frame.end is None and holds(frame)
    ]
    if not last or max(last) - reference < LEAST_NOTICE:
        return tuple(frames)
    goes_on = {ticker for frame in said if frame.action is Action.CONTINUE for ticker in frame.tickers}
    return tuple(
        replace(frame, action=Action.END_TRADING, explicit=True, words=WITHDRAWN)
        if frame.action is Action.OTHER
        and frame.clause != TITLE
        and frame.tickers
        and not goes_on.intersection(frame.tickers)
        and (frame.start is None or frame.start.at < max(last))
        else frame
        for frame in frames
    )


WITHDRAWN = "a last day for withdrawals"

__all__ = ["with_departures"]
