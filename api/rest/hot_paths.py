"""The OpenAPI document's part of the doors that are no operations of ninja: risk, streams, lists for bots."""

from __future__ import annotations

from typing import Any

from events.enums import Action, RiskLevel, TradingStatus

Schema = dict[str, Any]

_ACTIONS = ["none", *Action.values]
_STATUS = ["fresh", "stale", "unknown"]
_COVERED = ["watched", "listed", "unknown"]


def _of(kind: str, **more: Any) -> Schema:
    return {"type": kind, **more}


def _nullable(kind: str, **more: Any) -> Schema:
    return {"type": [kind, "null"], **more}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT, _TEXTS = _of("string"), _of("array", items=_of("string"))
_TIME, _MAYBE_TIME = _of("string", format="date-time"), _nullable("string", format="date-time")
_IDS = _of("array", items=_of("integer"))
_REASONS = _of("array", items=_of("object", additionalProperties=True))
_ENVELOPE = {
    "as_of": _MAYBE_TIME,
    "seq": _of("integer"),
    "status": _of("string", enum=_STATUS),
    "stale_sources": _TEXTS,
}

SCHEMAS: dict[str, Schema] = {
    "RiskRow": {
        "description": "A row of token_risk_view: one token at risk. `action` is the worst anywhere, not for orders.",
        **_object(
            token=_TEXT, risk_level=_of("string", enum=RiskLevel.values), action=_of("string", enum=Action.values),
            trading_status=_of("string", enum=TradingStatus.values), trading_ends_at=_MAYBE_TIME,
            next_important_at=_MAYBE_TIME, venues=_TEXTS, categories=_TEXTS, sources=_TEXTS, tickers=_TEXTS,
            event_ids=_IDS, first_seen_at=_TIME, updated_at=_TIME, valid_until=_MAYBE_TIME, reasons=_REASONS,
            asset_action=_nullable("string"), venue_actions=_of("object", additionalProperties=_TEXT),
        ),
    },
    "RiskAnswer": _object(
        **_ENVELOPE,
        refreshed_at=_MAYBE_TIME,
        tokens=_of("array", items={"$ref": "#/components/schemas/RiskRow"}),
    ),
    "AssetRiskAnswer": _object(
        **_ENVELOPE, refreshed_at=_MAYBE_TIME, asset=_TEXT, token=_TEXT, covered=_of("string", enum=_COVERED),
        risk={"anyOf": [{"$ref": "#/components/schemas/RiskRow"}, {"type": "null"}]},
    ),
    "CanTradeRow": {
        "description": "A row of the database's can_trade (docs/contracts/can_trade.md).",
        **_object(
            exchange=_TEXT, venue=_TEXT, symbol=_TEXT, base=_TEXT, quote=_TEXT, settle=_TEXT, may_open=_of("boolean"),
            may_close=_of("boolean"), action=_of("string", enum=_ACTIONS), base_action=_TEXT, quote_action=_TEXT,
            instrument_action=_TEXT, trading_status=_TEXT, trading_ends_at=_MAYBE_TIME, reasons=_REASONS,
            event_ids=_IDS, status=_of("string", enum=_STATUS), stale_sources=_TEXTS,
            covered=_of("string", enum=_COVERED), as_of=_MAYBE_TIME, age_ms=_nullable("integer"), seq=_of("integer"),
        ),
    },
    "CanTrade": _object(
        exchange=_TEXT, symbol=_TEXT, status=_of("string", enum=_STATUS), age_ms=_nullable("integer"),
        may_open=_of("boolean"), may_close=_of("boolean"), action=_of("string", enum=_ACTIONS),
        covered=_of("string", enum=_COVERED), stale_sources=_TEXTS, reasons=_REASONS,
        rows=_of("array", items={"$ref": "#/components/schemas/CanTradeRow"}),
    ),
    "CanTradeAnswer": {
        "allOf": [{"$ref": "#/components/schemas/CanTrade"},
                  _object(as_of=_MAYBE_TIME, seq=_of("integer"))],
    },
    "CanTradeAnswers": _object(
        as_of=_MAYBE_TIME, seq=_of("integer"), status=_of("string", enum=_STATUS),
        answers=_of("array", items={"$ref": "#/components/schemas/CanTrade"}),
    ),
    "BotPairs": {
        "description": "For freqtrade's RemotePairList. Each of `pairs` is a regular expression; there is one always.",
        **_object(
            pairs=_of("array", items=_TEXT, minItems=1), refresh_period=_of("integer"), venue=_TEXT,
            status=_of("string", enum=_STATUS), as_of=_MAYBE_TIME, seq=_nullable("integer"),
        ),
    },
    "Pairs": {
        "type": "object",
        "additionalProperties": False,
        "required": ["pairs"],
        "properties": {
            "pairs": _of("array", minItems=1, maxItems=1000, items={
                "type": "object",
                "additionalProperties": False,
                "required": ["symbol"],
                "properties": {"exchange": _nullable("string", maxLength=200),
                               "symbol": _of("string", minLength=1, maxLength=200)},
            }),
        },
    },
}  # fmt: skip


def _parameter(name: str, description: str, place: str = "query", **schema: Any) -> Schema:
    shown = {"type": "string", "maxLength": 200, **schema}
    return {"name": name, "in": place, "required": place == "path", "description": description, "schema": shown}


def _operation(scope: str, name: str, answer: str, summary: str, *parameters: Schema, **more: Any) -> Schema:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["risk"],
        "x-scope": scope,
        "parameters": list(parameters),
        "responses": {200: {"description": "OK", "content": content}},
        **more,
    }


_SUBSCRIPTION = (
    _parameter("kinds", "risk, event, alert, source, whale …, by commas; without it the first four.", maxLength=2000),
    _parameter("assets", "Any names, by commas; without it every asset.", maxLength=2000),
    _parameter("venues", "Exchanges or venues, by commas; without it every venue.", maxLength=2000),
    _parameter("last_event_id", "The id of the last message that was read: what was missed since is sent first."),
    _parameter("ticket", "A one-time ticket in place of a token, for a browser."),
)
_LAST_ID = _parameter("Last-Event-ID", "As last_event_id; a browser sends it when it reconnects.", "header")
_EVENTS = {"200": {"description": "Messages as docs/contracts/stream.md has them, without an end.",
                   "content": {"text/event-stream": {"schema": {"type": "string"}}}}}  # fmt: skip
_UPGRADE = {"101": {"description": "The WebSocket is open; frames are the messages of the stream."}}
_TICKET = {
    "type": "object",
    "required": ["ticket", "expires_at"],
    "properties": {"ticket": {"type": "string"}, "expires_at": {"type": "string", "format": "date-time"}},
}
_TICKET_ANSWER = {
    "201": {"description": "Created", "content": {"application/json": {"schema": _TICKET}}},
}
_REPEATED = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 200}, "maxItems": 500}
_REPEATED_TOKEN: Schema = {
    "name": "token", "in": "query", "required": False, "style": "form", "explode": True, "schema": _REPEATED,
    "description": "Repeatable; any name of the asset. The answer has `covered` then.",
}  # fmt: skip

_MARKET = {
    **_parameter("venue", "One market: BINANCE (spot), BINANCE_USDM, OKX …, or as a program names it: binanceusdm."),
    "required": True,
}
_KEY = _parameter("key", "A token with the scope `pairs` alone, for bots that can send no header.")
_SPELLING = _parameter("spelling", "Whose names of the pairs; ccxt without it.",
                       enum=["ccxt", "native", "hummingbot", "nautilus", "cryptofeed"])  # fmt: skip


def _list(name: str, summary: str, content: str) -> Schema:
    """An operation of `/bots/`. Its refusals are plain text, whatever the caller accepts."""
    answer = {"200": {"description": "OK", "content": {content: {"schema": {"type": "string"}}}}}
    return _operation("pairs", name, "", summary, _MARKET, _SPELLING, _KEY, responses=answer, tags=["bots"])


# Path → method → operation.
PATHS: dict[str, dict[str, Schema]] = {
    "/api/v1/risk": {
        "get": _operation(
            "read", "risk", "RiskAnswer", "Every token at risk, from memory",
            _parameter("venue", "Rows that hold on this venue."),
            _parameter("min_action", "Rows with at least this action.", enum=_ACTIONS),
            _REPEATED_TOKEN,
        ),
    },
    "/api/v1/risk/{asset}": {
        "get": _operation(
            "read", "risk_of_asset", "AssetRiskAnswer", "One asset, by any of its names",
            _parameter("asset", "Any name of the asset.", "path", minLength=1),
        ),
    },
    "/api/v1/can-trade": {
        "get": _operation(
            "read", "can_trade", "CanTradeAnswer", "Whether a pair may be opened and closed; the strictest of its rows",
            _parameter("exchange", "binance, BINANCE_USDM, okx …; empty: wherever the symbol fits."),
            {**_parameter("symbol", "In the caller's own spelling.", minLength=1), "required": True},
        ),
        "post": _operation(
            "read", "can_trade_many", "CanTradeAnswers", "The same for up to 1,000 pairs",
            requestBody={
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pairs"}}},
            },
        ),
    },
    "/api/v1/stream": {
        "get": _operation(
            "read", "stream", "RiskAnswer", "Server-sent events: risk, events, alerts, sources, as they happen",
            *_SUBSCRIPTION, _LAST_ID, responses=_EVENTS, tags=["streams"],
        ),
    },
    "/api/v1/ws": {
        "get": _operation(
            "read", "websocket", "RiskAnswer", "The same as a WebSocket", *_SUBSCRIPTION,
            responses=_UPGRADE, tags=["streams"],
        ),
    },
    "/api/v1/ticket": {
        "post": _operation(
            "read", "ticket", "RiskAnswer", "A one-time ticket for a stream: a browser's EventSource sends no token",
            responses=_TICKET_ANSWER, tags=["streams"],
        ),
    },
    "/api/v1/message/ws": {
        "get": _operation(
            "pairs", "producer", "BotPairs", "A producer for freqtrade (external_message_consumer), as a WebSocket",
            _MARKET, _parameter("token", "A token with the scope `pairs` alone."), responses=_UPGRADE, tags=["streams"],
        ),
    },
    "/bots/freqtrade/allow": {
        "get": _operation(
            "pairs", "bots_allow", "BotPairs", "The pairs that may be opened, for freqtrade's RemotePairList",
            _MARKET, _KEY, tags=["bots"],
        ),
    },
    "/bots/freqtrade/block": {
        "get": _operation(
            "pairs", "bots_block", "BotPairs", "What may not be opened, for freqtrade's RemotePairList as a blacklist",
            _MARKET, _KEY, tags=["bots"],
        ),
    },
    "/bots/pairs.csv": {"get": _list("bots_pairs", "Every live pair of a market with its verdict", "text/csv")},
    "/bots/allow.txt": {"get": _list("bots_allow_lines", "The pairs that may be opened, one a line", "text/plain")},
    "/bots/block.txt": {"get": _list("bots_block_lines", "The pairs that may not be opened, one a line", "text/plain")},
}  # fmt: skip
