"""The list for freqtrade over every live pair of the captured lists: all that is at risk, and nothing else."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

import pytest
from django.db import connection
from ews_client.command import main

from events import clock
from markets.instruments import store_lists
from markets.models import Instrument, InstrumentName, WatchEffective
from tests.api.support import all_is_fresh, manual_event
from tests.support.daemon_process import eventually
from tests.trade.test_names import SEEN, all_lists

_FORBIDS = ("avoid_new", "reduce_only", "exit", "halt")


def names_of_ccxt(venue: str) -> dict[str, str]:
    """Symbol → what ccxt, and so freqtrade, calls an instrument that trades: no contract whose end has passed."""
    rows = InstrumentName.objects.filter(instrument__venue=venue, convention="ccxt", instrument__live=True).exclude(
        instrument__ends_at__lt=clock.database_now()
    )
    return dict(rows.values_list("instrument__symbol", "name"))


def at_risk(venue: str, symbols: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, action FROM can_trade_many(%s, %s)", [[venue] * len(symbols), symbols])
        return {symbols[n - 1] for n, action in cursor.fetchall() if action in _FORBIDS}


@pytest.mark.long
@pytest.mark.parametrize("venue", ["BINANCE", "BINANCE_USDM", "OKX"])
def test_every_pair_at_risk_and_no_other_is_on_the_list(
    venue: str,
    api_url: str,
    token_of: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store_lists(all_lists(), SEEN)
    chance = random.Random(7)
    tokens = sorted(set(Instrument.objects.filter(venue=venue, live=True).values_list("token", flat=True)))
    chosen = {*chance.sample(tokens, 40), "SHIB", "POL", "S"}
    quotes = {"FDUSD", "EUR"}
    WatchEffective.objects.bulk_create(
        WatchEffective(watch_list=name, currency=one) for name in ("spot", "usdm") for one in chosen
    )
    for token in sorted(chosen | quotes):
        manual_event(token, action=chance.choice(_FORBIDS))
    for token in sorted(set(tokens) - chosen - quotes)[:20]:
        manual_event(token, action="watch")
    all_is_fresh()
    monkeypatch.setenv("EWS_URL", api_url)
    monkeypatch.setenv("EWS_TOKEN", token_of())

    def exported() -> list[str]:
        all_is_fresh()
        code = main(["export", "freqtrade-blacklist", "--venue", venue])
        entries = json.loads(capsys.readouterr().out)
        return entries if code == 0 and entries else []

    eventually(lambda: bool(exported()), 10, "a list")
    compiled = [re.compile(entry, re.IGNORECASE) for entry in exported()]
    names = names_of_ccxt(venue)
    blocked = {symbol for symbol, name in names.items() if any(entry.fullmatch(name) for entry in compiled)}
    risky = at_risk(venue, sorted(names))
    assert len(risky) > 40 and len(names) > len(risky) + 70
    assert {names[one] for one in risky - blocked} == set()
    assert {names[one] for one in blocked - risky} == set()
