"""A desk that runs freqtrade: four pairs on our Binance and on the played one, and the blocks of its documentation."""

from __future__ import annotations

import json
import re
from typing import Any

from events import clock
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.api.support import all_is_fresh, quiet_market
from tests.support.peers import ROOT

BASES = ("BTC", "ETH", "SOL", "XYZ")
PAIRS = tuple(f"{base}/USDT" for base in BASES)
_BLOCK = re.compile(r"<!-- block: (\S+) -->\n```json\n(.*?)```", re.DOTALL)


def desk_market(*more: str) -> None:
    """PAIRS are live on BINANCE, and those of more bases; nothing is at risk, and all that is watched is fresh."""
    quiet_market()
    now = clock.database_now()
    rows = [InstrumentRow("BINANCE", f"{base}USDT", base, "USDT", base, "TRADING", True) for base in (*BASES, *more)]
    store_instruments("BINANCE", rows, now)
    watched = ("SOL", "XYZ", *more)
    WatchEffective.objects.bulk_create(WatchEffective(watch_list="spot", currency=base) for base in watched)
    all_is_fresh()


def block(name: str, url: str, token: str) -> str:
    """A block of docs/bots/freqtrade.md as it stands there, but for the address, the port and the token."""
    blocks: dict[str, str] = dict(_BLOCK.findall((ROOT / "docs/bots/freqtrade.md").read_text()))
    host, _, port = url.removeprefix("http://").partition(":")
    text = blocks[name].replace("http://127.0.0.1:8000", url).replace("ews_YOUR_TOKEN", token)
    return text.replace('"host": "127.0.0.1", "port": 8000', f'"host": "{host}", "port": {port}')


def chain(name: str, url: str, token: str) -> list[dict[str, Any]]:
    """The lists of a block."""
    found: list[dict[str, Any]] = json.loads(block(name, url, token))["pairlists"]
    return found
