"""Lists of pairs as text: JSON for freqtrade, CSV and plain lines for anything.

Each text says at its end that it has ended, so that one that was cut short is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from csv import writer
from io import StringIO

import msgspec

from api.bots.venue_pairs import VenuePairs
from events.enums import Action
from markets.instrument_names import CCXT, CRYPTOFEED, HUMMINGBOT, NATIVE, NAUTILUS

SPELLINGS = (CCXT, NATIVE, HUMMINGBOT, NAUTILUS, CRYPTOFEED)
REFRESH_SECONDS = 15
COLUMNS = ("pair", "symbol", "may_open", "may_close", "action", "status", "as_of", "seq")
END = "#end"
"""First field of the last row of a CSV, and begin of the last line of a list."""
_ORDER = ("none", *Action.values)


def freqtrade_json(pairs: VenuePairs, entries: Sequence[str]) -> bytes:
    """What RemotePairList reads: `pairs` and `refresh_period` (seconds); the rest is for people."""
    return msgspec.json.encode(
        {
            "pairs": entries,
            "refresh_period": REFRESH_SECONDS,
            "venue": pairs.venue,
            "status": pairs.status,
            "as_of": pairs.as_of,
            "seq": pairs.seq,
        }
    )


def csv(pairs: VenuePairs, spelling: str) -> bytes:
    """A header, a row for each pair that the spelling has a name for, and a last row with their number.

    A name that several instruments have gets the strictest of them.
    """
    as_of, seq = _time(pairs), "" if pairs.seq is None else str(pairs.seq)
    rows: dict[str, tuple[str, bool, bool, str, str]] = {}
    for one, verdict in pairs.pairs():
        name = one.names.get(spelling)
        if name is None:
            continue
        row = (one.symbol, verdict.may_open, verdict.may_close, verdict.action, verdict.status)
        known = rows.get(name)
        if known is not None:
            action = max(known[3], row[3], key=_ORDER.index)
            row = (known[0], known[1] and row[1], known[2] and row[2], action, known[4] if not known[1] else row[4])
        rows[name] = row
    text = StringIO()
    # As RFC 4180 has it.
    table = writer(text)
    table.writerow(COLUMNS)
    table.writerows(
        (name, symbol, _yes(may_open), _yes(may_close), action, status, as_of, seq)
        for name, (symbol, may_open, may_close, action, status) in sorted(rows.items())
    )
    table.writerow((END, len(rows), "false", "false", "", pairs.status, as_of, seq))
    return text.getvalue().encode()


def allowed_lines(pairs: VenuePairs, spelling: str) -> bytes:
    """A name a line, of what may be opened, and a last line."""
    return _lines(pairs, [name for name, yes in _by_name(pairs, spelling).items() if yes])


def blocked_lines(pairs: VenuePairs, spelling: str) -> bytes:
    """A name a line, of what may not be opened; `*` before all where that holds for whatever there is."""
    names = [name for name, yes in _by_name(pairs, spelling).items() if not yes]
    return _lines(pairs, names if pairs.status == "fresh" else ["*", *names])


def _by_name(pairs: VenuePairs, spelling: str) -> dict[str, bool]:
    may: dict[str, bool] = {}
    for one, verdict in pairs.pairs():
        name = one.names.get(spelling)
        if name is not None:
            may[name] = may.get(name, True) and verdict.may_open
    return dict(sorted(may.items()))


def _lines(pairs: VenuePairs, names: Iterable[str]) -> bytes:
    found = list(names)
    last = f"{END} {len(found)} {pairs.venue} {pairs.status} {_time(pairs) or '-'}"
    return "".join(f"{line}\n" for line in (*found, last)).encode()


def _time(pairs: VenuePairs) -> str:
    return "" if pairs.as_of is None else pairs.as_of.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _yes(value: bool) -> str:
    return "true" if value else "false"
