"""The webhook's body is a contract: its keys are the field names of dataclasses, which a rename must not change."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from alerts.rendering.message import Digest, DigestLine, Message, Notice
from alerts.rendering.past import Past, Present
from alerts.rendering.subjects import TokenLine
from alerts.rendering.summary import Change, DateLine, Deferral, EventSummary, Manual
from alerts.rendering.webhook_json import render_payload
from tests.alerts.factories import NOW
from tests.alerts.rendering.test_teams_card import summary
from tests.support.daemon_process import ROOT

KEYS: dict[Any, str] = {
    EventSummary: "event_id reasons source category status title url action trading_status risk_level trading_ends_at"
    " pairs_only our_tokens other_tokens our_pairs other_pairs network_tokens dates changes facts published_at seen_at"
    " valid_until close_reason false_alarm flaps at_risk over was now deferred manual",
    TokenLine: "token scope venues action trading_status risk_level trading_ends_at pairs tickers",
    DateLine: "at what tickers",
    Change: "field before after state",
    Deferral: "since by delayed again",
    Manual: "author note",
    Past: "text action trading_status risk_level trading_ends_at lasted_seconds",
    Present: "text action trading_status event_ids",
    DigestLine: "event_id reasons category title tokens action status subjects order ended deferred",
}


@pytest.mark.parametrize("part", KEYS, ids=lambda part: part.__name__)
def test_every_key_of_earlier_releases_is_still_sent(part: Any) -> None:
    assert set(KEYS[part].split()) <= {field.name for field in fields(part)}


def test_every_key_that_the_contract_names_is_sent() -> None:
    # What messages of the type `risk` have is tested with their service.
    page = (ROOT / "docs/contracts/webhook.md").read_text().partition("## `risk` messages")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", page, re.MULTILINE)
    told = {name: said for names, said in rows for name in re.findall(r"`(\w+)`", names)}
    sent = [
        render_payload(Message(content, NOW, "")) for content in (summary(), Notice("", ""), Digest("digest", "", ()))
    ]
    assert set(told) == {key for payload in sent for key in payload}
    assert {"event_id", "action"} < set(re.findall(r"`(\w+)`", told["event"])) - {"event"} <= set(sent[0]["event"])
    assert set(re.findall(r"`(\w+)`", told["notice"])) - {"notice"} == set(sent[1]["notice"])
