"""Cards of notices as exchanges write them: each holds the rules of every card."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.delivery.loader import load_message
from alerts.models import Alert
from alerts.rendering.cards.build import card_of
from events.lifecycle import record
from events.lifecycle.default_rules import load_reference_data
from exchanges.announcements.detect import announcement_draft
from exchanges.announcements.explain import NOTHING_WATCHED, context_without_database, read_record
from markets.shipped_assets import shipped_identity
from markets.symbols import SymbolSplitter
from tests.alerts.factories import NOW, make_config
from tests.alerts.rendering.test_every_card import faults_of
from tests.support.daemon_process import ROOT

pytestmark = pytest.mark.django_db
FOLDER = Path(ROOT) / "tests/exchanges/announcements/development"
NOTICES = [FOLDER / f"{name}.jsonl" for name in ("fifteenth", "seventeenth", "nineteenth")]
KINDS = ("binance_announcement", "okx_announcement")


@pytest.mark.long
def test_cards_of_real_notices_hold_every_rule() -> None:
    load_reference_data()
    splitter, identity = SymbolSplitter(), shipped_identity()
    wrong, headings = {}, []
    for line in [line for file in NOTICES for line in file.read_text(encoding="utf-8").splitlines()]:
        notice = json.loads(line)
        article, parsed = read_record(notice, splitter)
        at = (article.released_at or NOW) + timedelta(minutes=2)
        draft = announcement_draft(article, parsed, context_without_database(article, NOTHING_WATCHED, identity, at))
        if draft is None or draft.kind not in KINDS:
            continue
        event = record(replace(draft, priority="high", natural_key=f"test:{notice['id']}"), at).event
        message = load_message(Alert.objects.get(event=event), make_config(), at, False)
        headings.append(card_of(message).heading)
        if faults := list(faults_of(message)):
            wrong[notice["id"]] = faults[:3]
    assert wrong == {}
    assert len(headings) > 40
    assert "REDUCE ONLY · AIDOGE, DIA, GODS · OKX spot · by 20 Aug 08:00 UTC, in 6 d 22 h" in headings
