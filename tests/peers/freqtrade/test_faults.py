"""freqtrade's own PairListManager with our blocks, at each fault: what is tradable then, and what the words say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.botcheck.adapters import freqtrade_allow, freqtrade_block, freqtrade_push
from api.botcheck.adapters.base import Words
from api.botcheck.adapters.freqtrade_allow import AS_EVER, EMPTIES, HANGS, STARTS_EMPTY, STOPS, WAITS
from api.botcheck.adapters.freqtrade_block import BLOCKS_NOTHING, KEEPS
from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import Outcome, PairLists
from tests.peers.freqtrade.desk import PAIRS, blocks, desk_market

REFRESH = 16.0
VICTIMS = {fault: f"V{number:02}" for number, fault in enumerate(FAULTS)}
"""The coin that gets at risk while a fault is played."""
MARKETS = (*PAIRS, *(f"{base}/USDT" for base in VICTIMS.values()))
WRONG, GOOD = "XYZ/USDT", "BTC/USDT"
ALLOWING = ("allow", "allow-volume", "push")
CHAINS = (*ALLOWING, "block")


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    desk_market(*VICTIMS.values())
    manual_event("XYZ", action="exit")
    all_is_fresh()
    with FaultProxy(api_url, drip_seconds=0.2) as proxy:
        yield proxy


def config_of(name: str, proxy: FaultProxy, token: str) -> dict[str, Any]:
    """A block's, with less patience than it has: nothing else is changed."""
    config: dict[str, Any] = json.loads(blocks(proxy.url, token)[name])
    config["pairlists"][-1]["read_timeout"] = 1
    return config


def start(lists: PairLists, name: str, config: dict[str, Any]) -> Outcome:
    """A new bot; one with a producer has received every market, as it was before anything was at risk."""
    began = lists.start(MARKETS, **config)
    if name != "push" or began.error:
        return began
    lists.receive("ews", list(MARKETS))
    return lists.refresh()


def patiently(ask: Callable[[], Outcome], without: str = WRONG) -> Outcome:
    """A good answer, on a machine that may be busy for longer than the second that a bot of this test waits.

    without: a pair that the answer leaves out, as soon as the commit that forbids it is in our memory.
    """
    for _ in range(5):
        found = ask()
        if GOOD in (found.pairs or ()) and without not in (found.pairs or ()):
            break
        all_is_fresh()
    return found


def heard(lists: PairLists, proxy: FaultProxy, ask: Callable[[], Outcome]) -> tuple[Outcome, bool]:
    """The outcome, and whether the bot stood still longer than its time limit: the fault is ended then."""
    stood_still = False
    if proxy.fault != "slow_drip":
        return ask(), stood_still
    waits = lists.hear
    lists.hear = lambda seconds=0.0: waits(1.7)  # type: ignore[method-assign]
    try:
        return ask(), stood_still
    except TimeoutError:
        stood_still = True
        proxy.fault = None
        return Outcome(**waits(10)), stood_still
    finally:
        lists.hear = waits  # type: ignore[method-assign]


def word_at_start(outcome: Outcome, stood_still: bool) -> str:
    if stood_still:
        return WAITS
    if outcome.error:
        return STOPS if outcome.error == "OperationalException" else f"crashes with {outcome.error}"
    if not outcome.pairs:
        return STARTS_EMPTY
    return BLOCKS_NOTHING if WRONG in outcome.pairs else AS_EVER


def word_while_running(outcome: Outcome, stood_still: bool, victim: str) -> str:
    if stood_still:
        return HANGS
    if outcome.error:
        return f"crashes with {outcome.error}"
    if not outcome.pairs:
        return EMPTIES
    if WRONG in outcome.pairs:
        return BLOCKS_NOTHING
    return KEEPS if victim in outcome.pairs else AS_EVER


def words_of(name: str) -> Words:
    modules = {"block": freqtrade_block, "push": freqtrade_push}
    return modules.get(name, freqtrade_allow).WORDS


@pytest.mark.parametrize("name", CHAINS)
def test_at_start_each_fault_does_what_is_written(
    name: str, lists: PairLists, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    config = config_of(name, proxy, token_of("pairs"))
    found = {}
    for fault in FAULTS:
        all_is_fresh()
        proxy.fault = fault
        outcome, stood_still = heard(lists, proxy, lambda: start(lists, name, config))
        found[fault] = word_at_start(outcome, stood_still)
        if name in ALLOWING:
            assert WRONG not in (outcome.pairs or ()), fault
        proxy.fault = None
    assert found == {fault: words[0] for fault, words in words_of(name).items()}


@pytest.mark.parametrize("name", CHAINS)
def test_while_running_each_fault_does_what_is_written(
    name: str, lists: PairLists, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    config = config_of(name, proxy, token_of("pairs"))
    found = {}
    for fault in FAULTS:
        all_is_fresh()
        victim = f"{VICTIMS[fault]}/USDT"
        before = patiently(lambda: start(lists, name, config))
        assert {GOOD, victim} <= set(before.pairs or ()) and WRONG not in (before.pairs or ()), (fault, before)
        proxy.fault = fault
        manual_event(VICTIMS[fault], action="avoid_new")
        all_is_fresh()
        outcome, stood_still = heard(lists, proxy, lambda: lists.refresh(REFRESH))
        found[fault] = word_while_running(outcome, stood_still, victim)
        if name in ALLOWING:
            assert not {WRONG, victim} & set(outcome.pairs or ()), fault
            if not stood_still:
                # The next loops of the same outage.
                for seconds in (0.0, REFRESH):
                    assert not {WRONG, victim} & set(lists.refresh(seconds).pairs or ()), fault
        proxy.fault = None
        all_is_fresh()
        after = patiently(lambda: lists.refresh(REFRESH), without=victim)
        assert GOOD in (after.pairs or ()) and not {WRONG, victim} & set(after.pairs or ()), (fault, after)
    assert found == {fault: words[1] for fault, words in words_of(name).items()}
