"""freqtrade's consumer alone at our push door, at each fault: what stays in its memory, and what the words say.

Twelve producers of one freqtrade, each behind a proxy of its own: so all faults are played at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from api.botcheck.adapters.freqtrade_allow import AS_EVER, STARTS_EMPTY
from api.botcheck.adapters.freqtrade_push import ALONE, KEEPS, OPENS_NOTHING
from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import beating, manual_event
from tests.peers.freqtrade.consuming import Consumer
from tests.peers.freqtrade.desk import desk_market

VENUE = "BINANCE"
WRONG, VICTIM, GOOD = "XYZ/USDT", "SOL/USDT", "BTC/USDT"
NOTHING = "EWS/NOTHING"


@pytest.fixture
def proxies(api_url: str) -> Iterator[dict[str, FaultProxy]]:
    desk_market()
    manual_event("XYZ", action="exit")
    with ExitStack() as stack:
        yield {fault: stack.enter_context(FaultProxy(api_url)) for fault in FAULTS}


def consumer_of(proxies: dict[str, FaultProxy], token: str) -> Consumer:
    return Consumer({fault: (proxy.url, f"{token}&venue={VENUE}") for fault, proxy in proxies.items()})


def word_of(pairs: set[str], at_start: bool) -> str:
    if pairs == {NOTHING}:
        return OPENS_NOTHING
    if not pairs:
        return STARTS_EMPTY
    assert GOOD in pairs and WRONG not in pairs
    if at_start:
        return AS_EVER
    return KEEPS if VICTIM in pairs else AS_EVER


def test_at_start_nobody_has_a_pair_that_was_at_risk(
    proxies: dict[str, FaultProxy], token_of: Callable[..., str]
) -> None:
    for fault, proxy in proxies.items():
        proxy.fault = fault
    with beating(), consumer_of(proxies, token_of("pairs")) as bot:
        bot.until(lambda pairs: GOOD in pairs, producer="clock_skew")
        bot.until(lambda pairs: pairs == {NOTHING}, producer="stale_leader")
        # Each has failed, and tried again.
        bot.listen(2.0)
        found = {fault: word_of(bot.memory(fault), True) for fault in FAULTS}
        assert found == {fault: words[0] for fault, words in ALONE.items()}
        for proxy in proxies.values():
            proxy.fault = None
        for fault in FAULTS:
            bot.until(lambda pairs: GOOD in pairs and WRONG not in pairs, producer=fault)


def test_while_running_what_was_at_risk_before_stays_away_and_what_comes_meanwhile_is_as_written(
    proxies: dict[str, FaultProxy], token_of: Callable[..., str]
) -> None:
    with beating(), consumer_of(proxies, token_of("pairs")) as bot:
        for fault in FAULTS:
            bot.until(lambda pairs: {GOOD, VICTIM} <= pairs, producer=fault)
        for fault, proxy in proxies.items():
            proxy.fault = fault
        manual_event("SOL", action="exit")
        bot.until(lambda pairs: VICTIM not in pairs, producer="clock_skew")
        # Longer than freqtrade needs to notice a connection that is dead, and to try again.
        bot.listen(4.0)
        found = {fault: word_of(bot.memory(fault), False) for fault in FAULTS}
        assert found == {fault: words[1] for fault, words in ALONE.items()}
        for proxy in proxies.values():
            proxy.fault = None
        for fault in FAULTS:
            bot.until(lambda pairs: GOOD in pairs and VICTIM not in pairs, producer=fault)
