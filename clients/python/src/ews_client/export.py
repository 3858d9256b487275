"""Lists for bots that read files: freqtrade's `pair_blacklist`."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ews_client.answers import ACTIONS, Answer, TokenRisk

NOTHING: Final = (".*",)
"""The list that forbids every pair: what is written where it is not known which are at risk."""

# Perpetuals on cheap coins are traded by the thousand: 1000SHIB/USDT:USDT, 1000000MOG, 1MBABYDOGE. ccxt keeps the name.
_BUNDLE: Final = r"(?:1(?:0{3,7}|M))?"


# A dated contract is named by its day in ccxt as well.
_DAY: Final = re.compile(r"[_-]([0-9]{6})$")


def freqtrade_blacklist(
    rows: Iterable[TokenRisk],
    pairs: Iterable[Answer],
    venue: str,
    min_action: str,
    names: Mapping[str, Collection[str]] | None = None,
) -> list[str]:
    """Regular expressions of the pairs that must not be opened on a venue, sorted; each fits a whole pair of ccxt.

    `rows` are of the risk view, `pairs` the answers about single instruments that its rows name, `names` what the venue
    calls a token where it calls it something else (a coin that was renamed elsewhere). freqtrade compiles every entry,
    and one that it cannot compile voids the list, so each is compiled here first. Raises ValueError where one cannot be
    (an error of this function).
    Source: freqtrade's `expand_pairlist`, which uses `re.fullmatch(entry, pair, re.IGNORECASE)`.
    """
    found: set[str] = set()
    for row in rows:
        if ACTIONS.index(row.action_at(venue)) < ACTIONS.index(min_action):
            continue
        if row.token == "*":
            return list(NOTHING)
        for name in _names(row.token, names):
            found |= {rf"{_BUNDLE}{name}/.*", rf".*/{name}(?::.*)?", rf".*/.*:{name}(?:-.*)?"}
    for answer in pairs:
        for one in answer.rows:
            if one.may_open or not one.base or not one.quote:
                continue
            day = _DAY.search(one.symbol)
            settle = rf":{re.escape(one.settle)}" + (f"-{day[1]}" if day else "") if one.settle else "(?::.*)?"
            for base in _names(one.base, names):
                found |= {rf"{_BUNDLE}{base}/{quote}{settle}" for quote in _names(one.quote, names)}
    for entry in found:
        try:
            re.compile(entry, re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"the expression {entry!r} cannot be compiled: {error}") from None
    return sorted(found)


def _names(token: str, names: Mapping[str, Collection[str]] | None) -> list[str]:
    return [re.escape(name) for name in sorted({token, *(names or {}).get(token, ())})]


def tickers_at(rows: Iterable[TokenRisk], venue: str) -> list[str]:
    """The instruments (`BINANCE:BTCRON`) that rows name on a venue, or (`binance`) on any market of an exchange."""
    asked = venue.upper()
    named = {ticker for row in rows for ticker in row.tickers}
    # Margin trades the spot list.
    places = {asked, asked.removesuffix("_MARGIN")}
    whole = venue != asked
    return sorted(
        ticker
        for ticker in named
        if (place := ticker.partition(":")[0]) in places or (whole and place.partition("_")[0] == asked)
    )


def as_json(entries: Sequence[str], config: bool) -> str:
    """The list alone, or as a piece of freqtrade's configuration (`add_config_files`)."""
    body = {"exchange": {"pair_blacklist": list(entries)}} if config else list(entries)
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> None:
    """Writes a file at once, or not at all: whoever reads it meanwhile reads the old one. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that nobody else may read; the bot may be another user.
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
