"""Every kind of card as a reader gets it, in files that people read: `pytest --golden` writes them anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alerts.rendering.plain_text import plain_lines
from alerts.rendering.teams_card import render_message
from tests.alerts.rendering import digest_cases
from tests.alerts.rendering.cases import CASES
from tests.upstreams.card_schema import schema_faults

assert digest_cases.CASES is CASES, "the digests are among them"
GOLDEN = Path(__file__).with_name("golden")
AS_JSON = ("delisting_of_a_pair", "delisting_false_alarm", "depeg_worse", "outage_of_announcements", "drill")


def written(name: str, text: str, regenerate: bool) -> str:
    """What the file has; regenerate: after it was written anew."""
    file = GOLDEN / name
    if regenerate:
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"no golden file {name}; read what `pytest --golden` writes"
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_card_reads_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    text = "\n".join(plain_lines(CASES[name]())) + "\n"
    assert text == written(f"{name}.txt", text, request.config.getoption("--golden"))


@pytest.mark.parametrize("name", AS_JSON)
def test_a_teams_card_is_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    card = render_message(CASES[name]())
    assert schema_faults(card) == []
    text = json.dumps(card["attachments"][0]["content"], indent=1, ensure_ascii=False) + "\n"
    assert text == written(f"{name}.json", text, request.config.getoption("--golden"))


def test_no_golden_file_is_left_of_a_case_that_is_gone() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{name}.txt" for name in CASES} | {
        f"{name}.json" for name in AS_JSON
    }
