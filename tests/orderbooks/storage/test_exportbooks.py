"""Exports that pandas and polars read."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.feather
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from orderbooks.fields import moment_of
from orderbooks.models import BookMinute
from orderbooks.records import MINUTE_MS, WhaleEnd
from orderbooks.storage.writer import BookStorage
from tests.orderbooks.recording.minutes_support import NOON, minute_row, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def recorded() -> None:
    """Two pairs over a midnight, a partial minute, a symbol that CSV must quote, and a whale that was a spoof."""
    storage = BookStorage(keep_days=30)
    for row in (
        minute_row(719),
        minute_row(720, mid=0.1 + 0.2),
        minute_row(721, partial=True, mid=None, bands=(), last_update_ms=None),
        minute_row(719, 'a,"b'),
    ):
        storage.put_minute(row)
    whale = order(NOON, 99.5)
    storage.put_whale(whale)
    storage.put_end(WhaleEnd(whale, NOON + 2_500, True))
    storage.flush(moment_of(NOON))


def exported(file: Path, *options: str) -> list[dict[str, Any]]:
    call_command("exportbooks", str(file), "--to", "2027-01-01T00:00:00Z", *options, verbosity=0)
    if file.suffix == ".parquet":
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
    else:
        rows = pyarrow.feather.read_table(file).to_pylist()
    return rows


@pytest.mark.parametrize("name", ["books.parquet", "books.feather"])
def test_every_column_comes_out_as_it_is_in_the_table(tmp_path: Path, name: str) -> None:
    rows = exported(tmp_path / name)
    stored = BookMinute.objects.order_by("minute__date", "venue", "symbol", "minute").values()
    for row, kept in zip(rows, stored, strict=True):
        assert row == {column: value for column, value in kept.items() if column != "id"}
    assert [row["mid"] for row in rows] == [100.5, 100.5, 0.30000000000000004, None]
    assert [row["symbol"] for row in rows] == ['a,"b', "btcusdt", "btcusdt", "btcusdt"]


def test_times_pairs_and_partial_minutes_narrow_it(tmp_path: Path) -> None:
    file = tmp_path / "books.parquet"
    assert len(exported(file, "--symbol", "btcusdt")) == 3
    assert len(exported(file, "--venue", "OKX", "KRAKEN")) == 0
    assert len(exported(file, "--complete")) == 3
    midnight = moment_of(NOON + 720 * MINUTE_MS)
    assert [row["minute"] for row in exported(file, "--from", midnight.isoformat())] == [
        midnight,
        midnight + timedelta(minutes=1),
    ]
    call_command("exportbooks", str(file), "--to", midnight.isoformat(), verbosity=0)
    assert pyarrow.parquet.read_table(file).num_rows == 2


def test_whales_with_their_ends(tmp_path: Path) -> None:
    (whale,) = exported(tmp_path / "whales.parquet", "--what", "whales")
    assert (whale["price"], whale["is_bid"], whale["score"], whale["possible_spoof"]) == (99.5, True, 5, True)
    assert whale["ended_at"] == moment_of(NOON + 2_500)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["books.csv"], "ends in .parquet"),
        (["books.parquet", "--from", "yesterday"], "--from was 'yesterday'"),
        (["books.parquet", "--what", "whales", "--complete"], "for minutes"),
        (["no/such/folder/books.parquet"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=said) as refused:
        call_command("exportbooks", *options)
    assert refused.value.returncode == 2 and list(tmp_path.iterdir()) == []


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match=r"pip install -r requirements-export\.txt"):
        call_command("exportbooks", str(tmp_path / "books.parquet"))
