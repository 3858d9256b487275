"""What may be asked: pairs as a bot gives them, and as the server takes them. Pure."""

from __future__ import annotations

from typing import Any, Final

LONGEST_NAME: Final = 200


def questions(pairs: Any) -> list[tuple[str, str]]:
    """The pairs as (exchange, symbol); what is none is ("", ""), which is answered with "no" and never raises."""
    try:
        given = list(pairs)
    except TypeError:
        given = [None]
    return [_pair(one) for one in given]


def _pair(pair: Any) -> tuple[str, str]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return "", ""
    exchange, symbol = pair
    return (exchange, symbol) if _is_name(exchange) and _is_name(symbol) else ("", "")


def _is_name(text: Any) -> bool:
    """What the server takes: one name that it cannot take would refuse all that are asked with it."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_NAME or "\0" in text:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
