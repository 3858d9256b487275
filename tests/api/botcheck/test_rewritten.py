"""Answers as they are while the daemon is silent, or with a clock that is off: each form that bots read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from api.botcheck.rewritten import date_header, report_of, shifted, stopped

AT, BEFORE, LATER = "2026-11-30T17:00:00.250Z", "2026-11-30T16:59:00.250000Z", "2026-11-30T18:00:00.250000Z"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/bots/allow.txt?venue=X", f"BTC/USDT\n#end 1 X fresh {AT}\n", f"#end 0 X unknown {BEFORE}\n"),
        ("/bots/block.txt?venue=X", f"ETH/BTC\n#end 1 X fresh {AT}\n", f"*\nETH/BTC\n#end 2 X unknown {BEFORE}\n"),
        (
            "/bots/pairs.csv?venue=X",
            f'pair,may_open,may_close,status,as_of\r\n"A,B",true,true,fresh,{AT}\r\n#end,false,false,fresh,{AT}\r\n',
            f'pair,may_open,may_close,status,as_of\r\n"A,B",false,true,unknown,{BEFORE}\r\n'
            f"#end,false,false,unknown,{BEFORE}\r\n",
        ),
    ],
)
def test_lists_as_text_say_that_nobody_knows(path: str, body: str, expected: str) -> None:
    assert stopped(path, body.encode()).decode() == expected
    moved = shifted(body.encode(), timedelta(hours=1)).decode()
    assert moved == body.replace(AT, LATER)


def test_lists_for_freqtrade_name_nothing_or_all() -> None:
    body = json.dumps({"pairs": ["BTC/USDT"], "refresh_period": 15, "status": "fresh", "as_of": AT}).encode()
    found = json.loads(stopped("/bots/freqtrade/allow?venue=X", body))
    assert (found["pairs"], found["status"], found["as_of"]) == (["EWS/NOTHING"], "unknown", BEFORE)
    assert json.loads(stopped("/bots/freqtrade/block", body))["pairs"] == [".*"]
    pushed = b'{"type": "whitelist", "data": ["BTC/USDT"]}'
    assert json.loads(stopped("/api/v1/message/ws", pushed))["data"] == ["EWS/NOTHING"]
    assert report_of(pushed) == pushed and report_of(b"[1]") is None and report_of(b"no") is None


def test_what_is_no_answer_of_ours_stays_as_it_is() -> None:
    for body in (b"", b"text", b"5", b"\xff\xfe"):
        assert stopped("/api/v1/risk", body) == shifted(body, timedelta(hours=1)) == body
    assert date_header(b"yesterday", timedelta(hours=1)) == b"yesterday"
    event = b'{"status": "open", "as_of": null}'
    assert json.loads(stopped("/api/v1/events/1", event)) == json.loads(event)
