"""The command that tests a channel."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager

import pytest
from django.core.management import call_command

from alerts.delivery.dispatcher import Dispatcher
from alerts.management.commands import sendtestalert
from alerts.models import Alert, ChannelState
from tests.alerts.conftest import CHANNELS, running
from tests.alerts.factories import NOW
from tests.upstreams.smtp import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(monkeypatch):
    def call(config, *channels: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sendtestalert, "get_config", lambda: config)
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("sendtestalert", *channels, stdout=out, stderr=err)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue(), err.getvalue()
        return 0, out.getvalue(), err.getvalue()

    return call


@contextmanager
def nothing():
    yield


@pytest.mark.parametrize("with_daemon", [False, True])
def test_every_channel_gets_one_test_card(hooks, run, with_daemon):
    config = hooks.config()
    with running(Dispatcher(config)) if with_daemon else nothing():
        code, out, _ = run(config)
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()] == list(CHANNELS)
    assert all("accepted by Teams (HTTP 202" in line for line in out.splitlines())
    for channel in CHANNELS:
        (card,) = hooks.cards(channel)
        assert "Test alert" in card


def test_a_channel_without_webhook_prints_its_card(hooks, run, capsys):
    code, out, _ = run(hooks.config("cex"), "defi")
    assert (code, out.count("accepted by console")) == (0, 1)
    assert "Test alert" in capsys.readouterr().out


def test_a_channel_that_refuses_fails_the_command_and_names_the_answer(hooks, run):
    hooks.answers("defi", 404)
    code, out, _ = run(hooks.config(), "cex", "defi")
    assert code == 1
    cex, defi = out.splitlines()
    assert cex.startswith("cex: accepted")
    assert defi.startswith("defi: not accepted by Teams")
    assert "HTTP 404" in defi
    assert not Alert.objects.filter(reason="test", state="pending").exists()


def test_an_unknown_channel_is_named_with_the_known_ones(hooks, run):
    code, out, err = run(hooks.config(), "slack")
    assert (code, out) == (2, "")
    assert err.strip() == f"unknown channel slack; expected one of {', '.join(CHANNELS)}"


def test_a_suspended_channel_that_works_again_is_lifted_by_a_test(hooks, run):
    ChannelState.objects.create(channel="cex", suspended_at=NOW, suspended_reason="webhook_refused")
    code, _, _ = run(hooks.config(), "cex")
    assert code == 0
    assert ChannelState.objects.get(pk="cex").suspended_at is None


def test_a_channel_of_every_kind_can_be_tested(hooks, run):
    hooks.server.route("/any", 202)
    with MailServer() as mail:
        further = [
            {"name": "desk", "kind": "webhook", "url": hooks.server.url("/any"), "secret": "a secret that signs"},
            {"name": "phone", "kind": "apprise", "url": hooks.server.url("/any").replace("http:", "json:")},
            {"name": "post", "kind": "email", "to": ["ops@example.com"]},
            {"name": "more", "kind": "teams", "url": hooks.sinks["defi"].url},
        ]
        config = hooks.config(
            "cex",
            ALERT_CHANNELS=json.dumps(further),
            EMAIL_URL=f"smtp://127.0.0.1:{mail.port}",
            EMAIL_FROM="ews@example.com",
        )
        code, out, _ = run(config)
        assert code == 0, out
        assert [line.split(":")[0] for line in out.splitlines()] == [*CHANNELS, "desk", "phone", "post", "more"]
        for kind in ("Teams", "console", "webhook", "Apprise", "e-mail"):
            assert f"accepted by {kind}" in out
        assert [message["Subject"] for message in mail.mails] == ["Test alert"]
    assert len(hooks.requests("defi")) == 1
    assert len(hooks.server.requests_to("/any")) == 2
