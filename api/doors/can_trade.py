"""`GET` and `POST /api/v1/can-trade`: the answer of the database's `can_trade`, for one pair and for many.

Where the database does not answer within a second the answer is `unknown`: nothing may be opened, all may be closed.
"""

from __future__ import annotations

from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec

from api.doors.answers import JSON, Headers, Receive, Scope, Send, checked, invalid, parameters_of, send_bytes
from api.doors.asker import Answer, Asker, Pair
from api.problems import Problem
from api.runtime import Runtime

MOST_PAIRS = 1_000
_PAIRS_FOR_ONE = 10
"""How many pairs of a POST count as one request."""
_CONNECTIONS = 2
_ORDER = {"fresh": 0, "stale": 1, "unknown": 2}


class _Pair(msgspec.Struct, forbid_unknown_fields=True):
    symbol: str
    exchange: str | None = None


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    pairs: Annotated[list[_Pair], msgspec.Meta(min_length=1, max_length=MOST_PAIRS)]


_decoder = msgspec.json.Decoder(_Asked)
_encode = msgspec.json.Encoder().encode
_askers: WeakKeyDictionary[Runtime, tuple[Asker, Asker]] = WeakKeyDictionary()


async def can_trade(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """`?exchange=&symbol=`: {as_of, seq, status, age_ms, exchange and symbol as asked, may_open, …, rows}.

    On top is the strictest of the rows. Without an exchange: wherever the symbol fits. Raises Problem (422).
    """
    given = parameters_of(scope, {"exchange": False, "symbol": False})
    if not given.get("symbol", [""])[0].strip():
        raise invalid("symbol", "not given" if "symbol" not in given else "empty", "a pair such as BTC/USDT")
    pair = (given.get("exchange", [""])[0], given["symbol"][0])
    answers = await _asker(runtime, many=False).ask([pair])
    answer = answers[0] if answers else _unanswered(runtime)
    body = b'{"as_of":%b,"seq":%b,' % (_encode(answer.as_of), _encode(answer.seq)) + _members(pair, answer) + b"}"
    await send_bytes(send, 200, JSON, body, _aged(answer))


async def can_trade_many(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """`{"pairs": [{"exchange", "symbol"}, …]}`, at most 1000: {as_of, seq, status, answers}, in the order asked.

    status: the worst that the daemon and the sources are in, whatever single names are unknown. Raises Problem (422).
    """
    parameters_of(scope, {})
    body = await _body_of(receive)
    if body is None:
        return
    pairs = _pairs_of(body)
    runtime.callers.charge(scope["ews_caller"], runtime.monotonic(), (len(pairs) - 1) / _PAIRS_FOR_ONE)
    answers = await _asker(runtime, many=True).ask(pairs)
    if answers is None:
        answers = [_unanswered(runtime)] * len(pairs)
    first = answers[0]
    status = max((_status_of(answer) for answer in answers), key=_ORDER.__getitem__)
    head = b'{"as_of":%b,"seq":%b,"status":"%b","answers":[' % (
        _encode(first.as_of),
        _encode(first.seq),
        status.encode(),
    )
    each = (b"{" + _members(pair, answer) + b"}" for pair, answer in zip(pairs, answers, strict=True))
    await send_bytes(send, 200, JSON, head + b",".join(each) + b"]}", _aged(first))


def _asker(runtime: Runtime, many: bool) -> Asker:
    """The one for many has connections of its own, so that long questions hold up no short one."""
    askers = _askers.get(runtime)
    if askers is None:
        askers = (
            Asker("crypto_ews api can-trade", _CONNECTIONS),
            Asker("crypto_ews api can-trade many", _CONNECTIONS, together=False),
        )
        _askers[runtime] = askers
        runtime.at_stop.extend(asker.stop for asker in askers)
    return askers[many]


def _members(pair: Pair, answer: Answer) -> bytes:
    head = _encode(
        {
            "status": answer.status,
            "age_ms": answer.age_ms,
            "exchange": pair[0],
            "symbol": pair[1],
            "may_open": answer.may_open,
            "may_close": answer.may_close,
            "action": answer.action,
            "covered": answer.covered,
            "stale_sources": answer.stale_sources,
            "reasons": msgspec.Raw(answer.reasons),
        }
    )
    return head[1:-1] + b',"rows":[' + b",".join(answer.rows) + b"]"


def _unanswered(runtime: Runtime) -> Answer:
    """What holds while nobody can be asked."""
    freshness = runtime.picture.freshness()
    return Answer(
        may_open=False,
        may_close=True,
        action="none",
        covered="unknown",
        status="unknown",
        as_of=freshness.as_of,
        age_ms=freshness.age_ms,
        seq=freshness.seq,
        reasons="[]",
        stale_sources=["database"],
        rows=(),
    )


def _status_of(answer: Answer) -> str:
    """The status without regard to a name that nobody knows: that says nothing about the others."""
    if answer.covered == "unknown" and not answer.stale_sources:
        return "fresh"
    return answer.status


def _aged(answer: Answer) -> Headers:
    return () if answer.age_ms is None else ((b"x-age-ms", str(answer.age_ms).encode()),)


async def _body_of(receive: Receive) -> bytes | None:
    """The whole body, whose size the server bounds; None where the caller has gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _pairs_of(body: bytes) -> list[Pair]:
    """Raises Problem (422) that says where in the body what was expected."""
    expected = f'{{"pairs": [{{"exchange": "binance", "symbol": "BTC/USDT"}}, …]}} with 1 to {MOST_PAIRS} pairs'
    try:
        asked = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong(f"no JSON ({error})", expected) from None
    pairs = []
    for number, pair in enumerate(asked.pairs):
        if not pair.symbol.strip():
            raise invalid(f"pairs[{number}].symbol", "empty", "a pair such as BTC/USDT")
        exchange = checked(f"pairs[{number}].exchange", pair.exchange or "")
        pairs.append((exchange, checked(f"pairs[{number}].symbol", pair.symbol)))
    return pairs


def _wrong(what: str, expected: str) -> Problem:
    place = what.rpartition("`$")[2].rstrip("`") if "`$" in what else ""
    return invalid(f"body{place}", what, expected)
