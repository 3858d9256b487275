"""Names in ccxt: what its own code makes of the recorded lists, instrument by instrument."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchanges.instruments.kraken import parse_pairs
from markets.instrument_names import CCXT, spelled
from markets.knowledge import InstrumentRow
from tests.support.captures import capture, kraken_asset_pairs
from tests.support.peers import Peer
from tests.trade.test_names import all_lists, rows

SCRIPT = Path(__file__).parent / "markets_script.py"
LISTS = (
    ("binance", ("davijr__api_v3_exchangeInfo_2024-09-08.json.gz",), ("BINANCE",)),
    ("binanceusdm", ("cryptofeed__fapi_v1_exchangeInfo_2021-07-21.json.gz",), ("BINANCE_USDM",)),
    (
        "okx",
        ("cryptofeed__instruments_SPOT_2022-05-13.json.gz", "cryptofeed__instruments_SWAP_2022-05-13.json.gz"),
        ("OKX", "OKX_USDM", "OKX_COINM"),
    ),
    ("kraken", (), ("KRAKEN",)),
)
# None of these stands in a recorded list: coins that were renamed, tokenised shares, and both of ccxt's Augur tokens.
LATER_AT_KRAKEN = {
    "LUNAUSD": ("LUNA", "LUNA/USD"), "LUNA2USD": ("LUNA2", "LUNA2/USD"), "USTUSD": ("UST", "UST/USD"),
    "AAPLxUSD": ("AAPLx", "AAPLx/USD"), "XDGUSD": ("XXDG", "XDG/USD"), "FEEUSD": ("FEE", "FEE/USD"),
}  # fmt: skip


def name_of(row: InstrumentRow) -> str:
    """Ours."""
    names = spelled(row, f"{row.ends_at:%y%m%d}" if row.ends_at else "", row.aliases)
    return next(name for convention, name in names if convention == CCXT)


def at_kraken(pair: str, asset: str, name: str) -> dict[str, str]:
    return {"altname": pair, "wsname": name, "base": asset, "quote": "ZUSD", "status": "online"}


@pytest.fixture(scope="module")
def ccxt() -> Iterator[Peer]:
    with Peer("ccxt", SCRIPT) as peer:
        yield peer


@pytest.mark.parametrize(("exchange", "files", "venues"), LISTS, ids=[one[0] for one in LISTS])
def test_each_instrument_of_the_recorded_lists_has_the_name_that_ccxt_gives_it(
    exchange: str, files: tuple[str, ...], venues: tuple[str, ...], ccxt: Peer, tmp_path: Path
) -> None:
    answers = [str(capture(f"instruments/{name}")) for name in files]
    if exchange == "kraken":
        answer = json.loads(kraken_asset_pairs())
        for pair in answer["result"].values():
            # Before the list had a status, every pair in it traded.
            pair.setdefault("status", "online")
        answers = [str(tmp_path / "pairs.json")]
        Path(answers[0]).write_text(json.dumps(answer))
    theirs = ccxt.ask({"exchange": exchange, "answers": answers})
    lists = all_lists()
    ours = {row.symbol: [name_of(row), row.live] for venue in venues for row in lists[venue]}
    assert theirs == ours
    assert len(ours) > 100


def test_coins_that_kraken_names_otherwise(ccxt: Peer, tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    pairs = {pair: at_kraken(pair, *names) for pair, names in LATER_AT_KRAKEN.items()}
    path.write_text(json.dumps({"error": [], "result": pairs}))
    theirs = ccxt.ask({"exchange": "kraken", "answers": [str(path)]})
    ours = {row.symbol: [name_of(row), row.live] for row in rows(parse_pairs, path.read_bytes(), "kraken.instruments")}
    assert theirs == ours
    assert ours["AAPLxUSD"] == ["AAPLX/USD", True] and ours["LUNAUSD"] == ["LUNC/USD", True]
