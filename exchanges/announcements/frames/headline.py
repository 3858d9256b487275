"""Names of a title that turn out to be none: a body is about what its title names, and names it again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.notice import tokens_of
from exchanges.announcements.frames.types import TITLE, Action, Frame


def named_again(
    title: str,
    bodies: Sequence[str],
    frames: Sequence[Frame],
    category: str,
    tokens: tuple[str, ...],
    exchange: str = "",
) -> tuple[str, ...]:
    """The tokens at risk, without words of the title in capitals that the body, which names others, never repeats.

    "Lido DAO token migration" over a body about LDO; "FW: Instrument removal" over one about EOS. bodies: its clauses.
    """
    venue = exchange.upper()
    if len(tokens) > 1 and venue in tokens and re.search(rf"(?<!\w){re.escape(venue)}(?!\w)", title):
        # "ONUS: VIC chain hard fork"
        tokens = tuple(token for token in tokens if token != venue)
    titled = {token for token in tokens if _is_bare(token, title)}
    if not titled or not bodies:
        return tokens
    repeated = {token for token in titled if any(_is_named_in(token, text) for text in bodies)}
    if titled == repeated:
        return tokens
    body = [frame for frame in frames if frame.clause != TITLE]
    others = tuple(token for token in tokens_of(body, category) if token not in titled)
    said = {token for frame in body if holds(frame) or frame.action is Action.OTHER for token in frame.tokens}
    others = tuple(token for token in others if token in said)
    if not others or (titled & repeated):
        return tokens
    return tuple(dict.fromkeys((*(token for token in tokens if token not in titled), *others)))


def _is_bare(token: str, title: str) -> bool:
    """Whether a token stands in the title without brackets and is no part of a pair or contract."""
    return re.search(rf"(?<![\w/(_-]){re.escape(token)}(?![\w/)_-])", title) is not None


def _is_named_in(token: str, text: str) -> bool:
    # As the quote of pairs a coin is not named again.
    name = re.escape(token)
    return re.search(rf"(?<![\w/]){name}(?!\w)|{name}[/_-]?(?:USD|BTC|ETH|EUR|TRY|KRW|BNB)", text, re.I) is not None
