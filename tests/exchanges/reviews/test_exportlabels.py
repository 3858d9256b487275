"""`manage.py exportlabels`: its lines are what the benchmark of the parser reads."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from benchmarks.announcements.labelled import of_project
from benchmarks.announcements.score import score
from events.enums import Category
from exchanges.announcements.decided import EventDecision
from exchanges.review_decisions import decide_event, decide_harmless
from markets.symbols import SymbolSplitter
from tests.exchanges.reviews.support import NOW, opened

pytestmark = pytest.mark.django_db


def exported(*arguments: str) -> list[dict[str, object]]:
    out = StringIO()
    call_command("exportlabels", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_its_lines_are_scored_like_the_labelled_captures(tmp_path: Path) -> None:
    removal = opened(
        title="Binance Will Delist FOO on 2026-12-04",
        text="Binance will cease trading on FOO/USDT at 2026-12-04 08:00 (UTC).",
    )
    pair = EventDecision(Category.DELISTING, tickers=("BINANCE:FOOUSDT",), at=NOW.replace(month=12, day=4, hour=8))
    decide_event(removal.pk, removal.digest, pair, "ann", NOW)
    party = opened(natural_key="binance.announcement:2", title="Binance Celebrates", text="")
    decide_harmless(party.pk, party.digest, "ann", NOW + timedelta(hours=1))
    rows = exported()
    file = tmp_path / "labels.jsonl"
    call_command("exportlabels", str(file), stdout=StringIO())
    assert [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] == rows
    result = score("ours", of_project(file), SymbolSplitter())
    assert (result.rows, result.misses, result.precision.value, result.recall_alone.value) == (2, [], 1.0, 1.0)
    assert exported("--since", "2026-11-30T12:30:00Z") == rows[1:]


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="expected a date or time"):
        exported("--since", "soon")
    with pytest.raises(CommandError, match="cannot write"):
        exported(str(tmp_path / "no" / "file"))
