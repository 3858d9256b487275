"""`manage.py volumereplay`, as its user runs it."""

from __future__ import annotations

import csv
import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.support.captures import capture
from tests.trades.volume.support import START_MS, market
from trades.replay.bar_files import UnreadableBars, iso, milliseconds, read_bars
from trades.volume.bars import DAY_MS, Bars

HEADER = ("symbol", "open_time", "open", "high", "low", "close", "quote_volume", "trades", "taker_buy_quote_volume")


def written(path: Path, bars: Bars, header: tuple[str, ...] = HEADER) -> Path:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        for row, symbol in enumerate(bars.symbols):
            for column in range(bars.columns):
                if np.isnan(bars.volume[row, column]):
                    continue
                values = {
                    "symbol": symbol,
                    "open_time": bars.start_ms + column * bars.interval_ms,
                    "trades": 5,
                    "quote_volume": bars.volume[row, column],
                    "taker_buy_quote_volume": bars.bought[row, column],
                    **{name: getattr(bars, name)[row, column] for name in ("open", "high", "low", "close")},
                }
                table.writerow([values[name] for name in header])
    return path


def replay(*arguments: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("volumereplay", *(str(argument) for argument in arguments), "--json", stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture(scope="module")
def desk_of_20(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Bars]:
    bars = market(22, 66, 50)
    bars.volume[3, 60 * 24 + 10] *= 400
    return written(tmp_path_factory.mktemp("bars") / "desk.csv", bars), bars


def test_the_form_of_the_report(desk_of_20: tuple[Path, Bars]) -> None:
    path, bars = desk_of_20
    report = replay(path)
    assert list(report) == ["instruments", "bars", "from", "to", "alerts", "market_cards", "over_budget", "keys"]
    assert (report["instruments"], report["bars"]) == (22, 22 * 66 * 24)
    assert (report["from"], report["to"]) == ("2025-01-01T00:00:00Z", "2025-03-08T00:00:00Z")
    (burst,) = [one for one in report["alerts"] if one["symbol"] == "C003USDT" and one["at"] == "2025-03-02T11:00:00Z"]
    assert burst["surprise"] > burst["threshold"] > 0
    before, now = bars.close[3, 60 * 24 + 9], bars.close[3, 60 * 24 + 10]
    assert burst["move"] == pytest.approx(now / before - 1, abs=1e-6)
    assert all(list(one) == ["at", "symbol", "surprise", "threshold", "move"] for one in report["alerts"])


def test_what_is_before_from_is_only_learnt_from(desk_of_20: tuple[Path, Bars]) -> None:
    path, _ = desk_of_20
    whole, later = replay(path), replay(path, "--from", "2025-03-02T11:00:00Z")
    assert later["from"] == "2025-03-02T11:00:00Z"
    assert later["alerts"] == [one for one in whole["alerts"] if one["at"] >= "2025-03-02T11:00:00Z"]
    assert 0 < len(later["alerts"]) < len(whole["alerts"])
    assert replay(path, "--from", milliseconds("2025-03-02T11:00:00Z")) == later


@pytest.mark.long
def test_a_desk_is_told_of_its_instruments_alone(desk_of_20: tuple[Path, Bars]) -> None:
    path, _ = desk_of_20
    report = replay(path, "--desk", "C003USDT,C004USDT")
    assert {one["symbol"] for one in report["alerts"]} <= {"C003USDT", "C004USDT"}
    assert "C003USDT" in {one["symbol"] for one in report["alerts"]}
    with pytest.raises(CommandError, match="no bars of NOPEUSDT, expected some of C000USDT"):
        replay(path, "--desk", "NOPEUSDT")


def test_keys_of_a_file_and_a_bad_one(desk_of_20: tuple[Path, Bars], tmp_path: Path) -> None:
    path, bars = desk_of_20
    keys = tmp_path / "keys.txt"
    keys.write_text("# ours\nbuy_vol_60m:0/vol_60m:40/timeframe:1440/lvl:22\n\nvol_60m:40/lvl:22\n")
    out, errors = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("volumereplay", str(path), "--keys", str(keys), "--json", stdout=out, stderr=errors)
    assert ended.value.code == 2
    assert errors.getvalue().splitlines() == [
        f"{keys} line 4: 'vol_60m:40/lvl:22' is no event key: it has 2 parts, expected four in this order: "
        "buy_vol_<minutes>m:<share>/vol_<minutes>m:<times>/timeframe:<minutes>/lvl:<rank>"
    ]
    (found,) = json.loads(out.getvalue())["keys"].values()
    (seen,) = [
        one for one in found["observations"] if one["symbol"] == "C003USDT" and one["at"] == "2025-03-02T11:00:00Z"
    ]
    column = 60 * 24 + 10
    after = slice(column + 1, column + 25)
    assert seen == {
        "symbol": "C003USDT",
        "at": "2025-03-02T11:00:00Z",
        "entry": bars.close[3, column],
        "max": bars.high[3, after].max(),
        "min": bars.low[3, after].min(),
        "close": bars.close[3, column + 24],
        "max_at": iso(bars.at(column + 1 + int(bars.high[3, after].argmax()))),
        "min_at": iso(bars.at(column + 1 + int(bars.low[3, after].argmin()))),
    }
    assert found["opened"] == len(found["observations"])


def test_a_key_of_minutes_is_not_judged_by_hours(desk_of_20: tuple[Path, Bars], tmp_path: Path) -> None:
    path, _ = desk_of_20
    keys = tmp_path / "keys.txt"
    keys.write_text("buy_vol_5m:0/vol_5m:2/timeframe:1440/lvl:22\n")
    out, errors = StringIO(), StringIO()
    call_command("volumereplay", str(path), "--keys", str(keys), "--json", stdout=out, stderr=errors)
    assert json.loads(out.getvalue())["keys"] == {
        "buy_vol_5m:0/vol_5m:2/timeframe:1440/lvl:22": {"opened": 0, "observations": []}
    }
    assert "bars are longer than its windows" in errors.getvalue()


@pytest.mark.long
def test_the_ladder_leaves_the_young_out_and_a_chosen_key_does_not(tmp_path: Path) -> None:
    bars = market(3, 30, 51, interval_ms=300_000)
    bars.volume[1, : 20 * 288] = np.nan
    bars.volume[:, 29 * 288 + 5] *= 500
    path = written(tmp_path / "young.csv", bars)
    keys = tmp_path / "keys.txt"
    keys.write_text("buy_vol_5m:0/vol_5m:30/timeframe:60/lvl:200\n")
    planted = iso(bars.at(29 * 288 + 5))

    def fired(report: dict[str, Any]) -> set[str]:
        return {
            one["symbol"] for found in report["keys"].values() for one in found["observations"] if one["at"] == planted
        }

    assert fired(replay(path)) == {"C000USDT", "C002USDT"}
    assert fired(replay(path, "--keys", keys)) == {"C000USDT", "C001USDT", "C002USDT"}


def test_files_of_every_shape(tmp_path: Path) -> None:
    bars = market(1, 3, 52)
    one = written(tmp_path / "one.csv", bars)
    lines = one.read_text().splitlines()
    zipped = tmp_path / "two.csv.gz"
    zipped.write_bytes(gzip.compress(b"\xef\xbb\xbf" + one.read_bytes()))
    no_symbol = tmp_path / "C000USDT_1h.csv"
    of_one = [line.partition(",")[2] for line in lines[1:]]
    no_symbol.write_text("\n".join([lines[0].replace("symbol,open_time", "timestamp"), *of_one]))
    by_iso = tmp_path / "iso.csv"
    times = [line.split(",")[1] for line in lines[1:]]
    dated = [line.replace(at, iso(int(at))) for line, at in zip(lines[1:], times, strict=True)]
    by_iso.write_text("\n".join([lines[0], *dated]))
    expected = read_bars([one])
    for path in (zipped, no_symbol, by_iso):
        found = read_bars([path])
        assert (found.symbols, found.start_ms, found.interval_ms) == (["C000USDT"], START_MS, 3_600_000)
        np.testing.assert_array_equal(found.volume, expected.volume)
        np.testing.assert_array_equal(found.bought, expected.bought)
    # The same bars twice are bars once; halves of them in two files are one series.
    np.testing.assert_array_equal(read_bars([one, zipped]).volume, expected.volume)
    half = tmp_path / "half.csv"
    half.write_text("\n".join([lines[0], *lines[30:]]))
    np.testing.assert_array_equal(read_bars([half]).volume[0], expected.volume[0, 29:])


def test_base_volume_is_taken_at_the_close(tmp_path: Path) -> None:
    path = tmp_path / "base.csv"
    path.write_text("symbol,open_time,open,high,low,close,volume\nAUSDT,0,1,4,1,2,10\nAUSDT,60000,2,2,2,3,10\n")
    assert read_bars([path]).volume.tolist() == [[20.0, 30.0]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: the header was '', expected also open_time, open, high, low, close, quote_volume or volume"),
        ("symbol,open_time,open,high,low,close\n", "expected also quote_volume or volume"),
        ("symbol,open_time,open,high,low,close,volume\n", "no bars, expected at least one"),
        ("symbol,open_time,open,high,low,close,volume\nA,x,1,1,1,1,1\n", "line 2: open_time was 'x', expected"),
        ("symbol,open_time,open,high,low,close,volume\nA,0,1,1,1,nan,1\n", "line 2: close was 'nan', expected"),
        ("symbol,open_time,open,high,low,close,volume\nA,0,1,1,1,1,-1\n", "line 2: volume was '-1', expected"),
        ("symbol,open_time,open,high,low,close,volume\nA,0,1,1\n", "line 2: 4 columns, expected low in column 5"),
        ("symbol,open_time,open,high,low,close,volume\n,0,1,1,1,1,1\n", "line 2: symbol was empty"),
        (
            "symbol,open_time,open,high,low,close,volume\nA,0,1,1,1,1,1\nA,0,1,1,1,1,2\n",
            "line 3: A has another bar at 1970-01-01T00:00:00Z, expected one",
        ),
        (
            "symbol,open_time,open,high,low,close,volume\nA,0,1,1,1,1,1\nA,120000,1,1,1,1,2\n",
            "bars are 2 minutes apart, expected 1m, 5m, 1h",
        ),
        (
            "symbol,open_time,open,high,low,close,volume\nA,0,1,1,1,1,1\nA,60000,1,1,1,1,2\nA,130000,1,1,1,1,2\n",
            "A has a bar at 1970-01-01T00:02:10Z, expected whole 1m intervals",
        ),
        ("symbol,open_time,open,high,low,close,volume\nA,0,1,1,1,1,1\nA,9e14,1,1,1,1,2\n", "minutes apart, expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(content)
    with pytest.raises(UnreadableBars) as fault:
        read_bars([path])
    assert said in str(fault.value)
    with pytest.raises(CommandError) as refused:
        replay(path)
    assert refused.value.returncode == 2


def test_no_file_and_no_time(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot read .*absent\.csv: No such file"):
        replay(tmp_path / "absent.csv")
    with pytest.raises(CommandError, match="--from was 'soon', expected ISO 8601 or milliseconds"):
        replay(tmp_path / "absent.csv", "--from", "soon")


def recorded_trades(path: Path, prices: list[float], first_id: int = 1) -> Path:
    """Binance spot, a trade of 2 units every 20 seconds from midnight on; every second one was sold."""
    lines = []
    for number, price in enumerate(prices):
        at = START_MS + 20_000 * number
        trade = {"e": "trade", "E": at, "s": "ABCUSDT", "t": first_id + number, "p": f"{price:.2f}", "q": "2.0",
                 "T": at, "m": bool(number % 2), "M": True}  # fmt: skip
        lines.append(
            f"{at * 1_000_000} " + json.dumps({"stream": "abcusdt@trade", "data": trade}, separators=(",", ":"))
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def test_trades_become_minutes(tmp_path: Path) -> None:
    path = recorded_trades(tmp_path / "trades.jsonl", [10, 12, 9, 11, 11, 11, 20])
    report = replay(path, "--trades", "--exchange", "binance")
    first, second, _ = report["minutes"]
    assert first == {
        "instrument": "BINANCE:ABCUSDT", "minute": "2025-01-01T00:00:00+00:00", "open": "10", "high": "12", "low": "9",
        "close": "9", "n_trades": 3, "n_buys": 2, "volume": "62", "buy_volume": "38", "complete": False,
        "source": "stream", "first_id": 1, "last_id": 3, "revision": 0,
    }  # fmt: skip
    assert (second["volume"], second["complete"], second["first_id"]) == ("66", True, 4)
    # A minute whose beginning was not seen is no bar.
    assert (report["instruments"], report["bars"]) == (1, 2)


def test_trades_need_their_exchange_and_a_recording_some_trades(tmp_path: Path) -> None:
    path = recorded_trades(tmp_path / "trades.jsonl", [10])
    for given in (["--trades"], ["--exchange", "binance"]):
        with pytest.raises(CommandError, match="--trades and --exchange NAME were not given together"):
            replay(path, *given)
    with pytest.raises(CommandError, match="nowhere"):
        replay(path, "--trades", "--exchange", "nowhere")
    path.write_text('1735689600000000000 {"result":null,"id":1}\n')
    with pytest.raises(CommandError, match="no trades of binance, expected at least one"):
        replay(path, "--trades", "--exchange", "binance")


@pytest.mark.long
def test_recorded_perpetuals_a_desk_and_its_budget() -> None:
    path = capture("markets/volumes/binance_usdm_1h_30perps_2025-09_2026-03.csv.gz")
    report = replay(path)
    days = (milliseconds(report["to"]) - milliseconds(report["from"])) / DAY_MS - 56
    assert 3.5 <= len(report["alerts"]) / days <= 5
    assert report["over_budget"] > 0
