"""The adapters that there are. Their words are in modules of their names, as `base.Words` says."""

from __future__ import annotations

from api.botcheck.adapters.base import Adapter

_ALLOW = "/bots/freqtrade/allow?venue={venue}"
_MAY = "/api/v1/can-trade"

ADAPTERS = {
    adapter.name: adapter
    for adapter in (
        Adapter("freqtrade-allow", "freqtrade: RemotePairList, the pairs that may be opened", (_ALLOW,), True),
        Adapter(
            "freqtrade-block",
            "freqtrade: RemotePairList, the pairs that may not be opened",
            ("/bots/freqtrade/block?venue={venue}",),
            False,
        ),
        Adapter(
            "freqtrade-push",
            "freqtrade: ProducerPairList over our WebSocket, with allow behind it",
            ("/api/v1/message/ws?venue={venue}", _ALLOW),
            True,
        ),
        Adapter("freqtrade-guard", "freqtrade: TokenRiskGuard in front of the strategy's hooks", (_MAY,), True),
        Adapter("freqtrade-locks", "freqtrade: locks over its REST API", (_MAY,), False),
        Adapter("ccxt", "ccxt: guard(exchange)", (_MAY,), True),
        Adapter("hummingbot", "hummingbot: a guard fed over MQTT", (), False),
        Adapter("nautilus", "nautilus: an actor and a guard before the execution engine", (_MAY,), True),
        Adapter("webhook", "webhook: signed messages that we send", (), False),
        Adapter("lists", "plain lists and CSV", ("/bots/allow.txt?venue={venue}",), True),
    )
}
