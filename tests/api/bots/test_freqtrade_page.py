"""docs/bots/freqtrade.md says what the adapters say, and its unit file what systemd reads."""

from __future__ import annotations

from configparser import ConfigParser

from api.botcheck.adapters import freqtrade_allow, freqtrade_block, freqtrade_push
from api.botcheck.faults import FAULTS
from tests.support.doc_blocks import PAGES, block, table


def test_the_page_has_the_tables_of_the_adapters() -> None:
    page = (PAGES / "freqtrade.md").read_text(encoding="utf-8")
    for words in (freqtrade_allow.WORDS, freqtrade_block.WORDS, freqtrade_push.ALONE):
        assert tuple(words) == FAULTS
        assert table(words) in page


def test_the_unit_starts_a_bot_again_that_has_ended_or_stands_still() -> None:
    unit = ConfigParser()
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block("freqtrade.service.conf"))
    assert dict(unit["Unit"]) == {"StartLimitIntervalSec": "0"}
    service = dict(unit["Service"])
    assert (service.pop("Type"), service.pop("Restart")) == ("notify", "on-failure")
    assert {name: int(value) for name, value in service.items()} == {"RestartSec": 10, "WatchdogSec": 60}
