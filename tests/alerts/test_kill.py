"""A dispatcher's process killed with -9 in the middle of a delivery."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings
from django.utils import timezone

from alerts.dispatcher import Dispatcher
from alerts.models import Alert, AlertAttempt
from tests.alerts.conftest import eventually, running
from tests.alerts.factories import make_event, tell
from tests.upstreams.steps import Hang

pytestmark = pytest.mark.django_db(transaction=True)

_DISPATCHER = """
import sys, threading, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from alerts.dispatcher import run
from crypto_ews.conf import get_config
run(get_config(), threading.Event())
"""


def test_a_dispatcher_killed_in_mid_delivery_loses_nothing_and_repeats_at_most_the_alert_in_flight(hooks):
    in_flight = make_event()
    tell(in_flight, now=timezone.now())
    hooks.answers("cex", Hang(), 202)
    environment = {**os.environ, "CEX_WEBHOOK_URL": hooks.sinks["cex"].url, "TIMEOUT": "2"}
    name = settings.DATABASES["default"]["NAME"]
    process = subprocess.Popen([sys.executable, "-c", _DISPATCHER, name], env=environment, cwd=settings.BASE_DIR)
    try:
        hooks.wait_for(1, "cex", 20)
        others = [make_event("operations", tokens=()) for _ in range(2)]
        for event in others:
            tell(event, now=timezone.now())
    finally:
        process.kill()
        process.wait(10)
    assert Alert.objects.get(event=in_flight).state == "sending"
    # The lease of a request with a deadline of two seconds ends after nine.
    with running(Dispatcher(hooks.config(TIMEOUT="2"))):
        eventually(lambda: Alert.objects.filter(state="sent").count() == 3, "all three are sent", 20)
    told = Counter(
        f"#{event.pk}"
        for card in hooks.sinks["cex"].cards
        for event in (in_flight, *others)
        if f"#{event.pk}" in card.text.split()
    )
    assert told == {f"#{in_flight.pk}": 2, **{f"#{event.pk}": 1 for event in others}}
    assert sorted(AlertAttempt.objects.filter(alert__event=in_flight).values_list("decision", flat=True)) == [
        "lost",
        "sent",
    ]
