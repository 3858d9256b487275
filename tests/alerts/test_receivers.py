"""Receivers besides the base channels: from the configuration and from admins, whose secrets are never shown again."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from alerts import receivers
from alerts.delivery.dispatcher import Dispatcher
from alerts.models import AddedReceiver, Alert, AuditEntry, ChannelState
from alerts.receivers import all_receivers, configured_receivers, for_escalations
from alerts.routes import channels
from crypto_ews.conf import ConfigurationError, parse_config
from crypto_ews.conf.channels import BASE_CHANNELS, RiskFilter
from tests.alerts.conftest import Hooks, eventually, running
from tests.alerts.factories import make_config, make_event, tell
from tests.events.admin.support import assert_only_pressed
from tests.support.daemon_process import ROOT, clean_environment

SIGNING = "whsec_" + base64.b64encode(b"s" * 32).decode()
MARK = "pl4nt3dSecret"
HOOK = f"https://hooks.example/{MARK}"
PAGE = "/admin/alerts/addedreceiver/"


def faults(**environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_config(environment)
    return str(caught.value)


def further(**item: Any) -> str:
    return json.dumps([{"name": "desk", "kind": "webhook", "url": HOOK, "secret": SIGNING, **item}])


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d", "add the workflow"),
        ("https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d", "add the workflow"),
        ("https://WEBHOOK.office.com/x", "add the workflow"),
        ("https://prod-12.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke?sig=x", "copy the"),
        ("https://logic.azure.com/workflows/abc", "copy the"),
    ],
)
def test_a_retired_teams_address_is_refused_with_what_to_do_instead(url: str, advice: str) -> None:
    for environment in (
        {"CEX_WEBHOOK_URL": url},
        {"ALERT_CHANNELS": json.dumps([{"name": "desk", "kind": "teams", "url": url}])},
    ):
        message = faults(**environment)
        assert advice in message and next(iter(environment)) in message
        assert url not in message


@pytest.mark.parametrize(
    "url",
    [
        "https://default1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/a?sig=x",
        "https://hooks.example/webhook.office.com",
        "https://notwebhook.office.com.example/x",
        "https://logic.azure.com/other",
    ],
)
def test_addresses_that_only_look_like_it_are_taken(url: str) -> None:
    assert make_config(CEX_WEBHOOK_URL=url).cex_webhook_url == url


def test_the_daemon_does_not_start_with_a_retired_address() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=clean_environment({"CEX_WEBHOOK_URL": f"https://acme.webhook.office.com/{MARK}"}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 2
    assert "are retired" in result.stderr and MARK not in result.stderr
    assert "Traceback" not in result.stderr


def test_further_channels_are_read_with_what_they_follow() -> None:
    config = make_config(
        ALERT_CHANNELS=json.dumps(
            [
                {"name": "desk", "kind": "webhook", "url": HOOK, "secret": SIGNING, "follows": ["cex"]},
                {"name": "ops_mail", "kind": "email", "to": ["a@example.com", "b@example.com"]},
                {"name": "phone", "kind": "apprise", "url": "json://127.0.0.1/x", "follows": ["defi", "cex"]},
            ]
        ),
        EMAIL_URL="smtps://ops:p%40ss@mail.example",
        EMAIL_FROM="ews@example.com",
    )
    found = configured_receivers(config)
    assert list(found) == [*BASE_CHANNELS, "desk", "ops_mail", "phone"]
    assert {found[name].kind for name in BASE_CHANNELS} == {"console"}
    assert found["ops_mail"].target == "a@example.com, b@example.com"
    assert found["ops_mail"].follows == BASE_CHANNELS
    assert config.mail_server is not None
    assert (config.mail_server.port, config.mail_server.password) == (465, "p@ss")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"[{MARK}", "a JSON list of objects"),
        ('{"name": "x"}', "a JSON list of objects"),
        (further(kind="pigeon"), 'object 1: "kind" to be one of teams, webhook, email, apprise'),
        (further(name="Desk!"), "object 1: a name of 2 to 32"),
        (further(name="cex"), "object 1: another name than cex"),
        (further(follows=["nowhere"]), 'object 1: "follows" to be a list of some of'),
        (further(follows=[]), "one that follows a channel, gets risk messages or is ALERT_ESCALATE_TO"),
        (further(risk="yes"), 'object 1: "risk" to be true, or an object with "venues" and "min_action"'),
        (further(risk={"venue": []}), 'object 1: "risk" to be true, or an object with "venues" and "min_action"'),
        (further(risk={"venues": ["BINANCE", "a b"]}), '"venues" of "risk" to be a list of venues'),
        (further(risk={"min_action": "run"}), '"min_action" of "risk" to be one of watch, avoid_new'),
        (further(kind="teams", secret="", risk=True), "the keys follows, kind, name, url, not"),
        (further(secret="short"), "object 1: a secret that signs what is sent"),
        (further(secret="whsec_!!!"), "object 1: a secret that signs what is sent"),
        (further(url=f"ftp://{MARK}"), "object 1: an http:// or https:// URL"),
        (further(urls=MARK), "object 1: the keys kind, name, follows".replace("kind, name, follows", "follows, kind")),
        (json.dumps([{"name": "desk", "kind": "apprise", "url": f"nosuch://{MARK}"}]), "a URL that Apprise knows"),
        (json.dumps([{"name": "desk", "kind": "email", "to": [f"{MARK} at home"]}]), "e-mail addresses"),
        (json.dumps([json.loads(further())[0]] * 2), "object 2: a name that no other one has"),
    ],
)
def test_a_wrong_extra_channel_is_named_without_its_secrets(value: str, said: str) -> None:
    message = faults(ALERT_CHANNELS=value)
    assert said in message
    assert MARK not in message and SIGNING not in message


def test_a_channel_by_mail_needs_a_server_and_a_sender() -> None:
    message = faults(ALERT_CHANNELS=json.dumps([{"name": "desk", "kind": "email", "to": ["a@example.com"]}]))
    assert "EMAIL_URL was empty" in message and "EMAIL_FROM was empty" in message


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        f"smtp://ops:{MARK}@",
        "smtp://ops@mail.example",
        "smtp://h:0",
        "smtp://h:x",
    ],
)
def test_a_wrong_mail_server_is_refused_without_its_password(url: str) -> None:
    message = faults(EMAIL_URL=url)
    assert "smtp+starttls://" in message and MARK not in message


def test_without_apprise_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crypto_ews.conf.channels.find_spec", lambda name: None)
    value = json.dumps([{"name": "desk", "kind": "apprise", "url": "json://127.0.0.1/x"}])
    assert "pip install -r requirements-extra.txt" in faults(ALERT_CHANNELS=value)


@pytest.fixture
def added(db: None) -> AddedReceiver:
    receiver = AddedReceiver(name="desk", kind="webhook", follows=["cex"], made_by="ann")
    receiver.set_secrets(HOOK, SIGNING)
    receiver.save()
    return receiver


def form(**fields: Any) -> dict[str, Any]:
    typed = {"name": "desk", "kind": "webhook", "target": HOOK, "secret": SIGNING, "follows": ["cex"], "enabled": "on"}
    return {**typed, **fields}


def test_a_webhook_may_get_risk_messages_beside_alerts_or_instead_of_them(admin_client: Client) -> None:
    (channel,) = make_config(ALERT_CHANNELS=further(risk=True, follows=[])).further_channels
    assert (channel.risk, channel.follows) == (RiskFilter(), ())
    chosen = {"venues": ["binance", "OKX_USDM"], "min_action": "exit"}
    receiver = configured_receivers(make_config(ALERT_CHANNELS=further(risk=chosen)))["desk"]
    assert (receiver.risk, receiver.follows) == (RiskFilter(("binance", "OKX_USDM"), "exit"), BASE_CHANNELS)
    assert configured_receivers(make_config(ALERT_CHANNELS=further(risk=False)))["desk"].risk is None
    typed = form(follows=[], risk="on", risk_venues="BINANCE,OKX", risk_min_action="watch")
    assert admin_client.post(f"{PAGE}add/", typed).status_code == 302
    assert AddedReceiver.objects.get().receiver().risk == RiskFilter(("BINANCE", "OKX"), "watch")
    assert "follows risk messages" in AuditEntry.objects.order_by("-pk").values_list("what", flat=True)[0]
    assert "risk" in admin_client.get(PAGE).content.decode()


def test_an_admin_adds_a_receiver_whose_secrets_are_never_shown_again(admin_client: Client) -> None:
    assert admin_client.post(f"{PAGE}add/", form()).status_code == 302
    row = AddedReceiver.objects.get()
    assert (row.made_by, row.receiver().target, row.receiver().secret) == ("admin", HOOK, SIGNING)
    stored = str(AddedReceiver.objects.values().get())
    pages = [admin_client.get(path).content.decode() for path in (PAGE, f"{PAGE}{row.pk}/change/")]
    pages += [
        admin_client.get(path).content.decode() for path in ("/admin/alerts/channelstate/", f"{PAGE}{row.pk}/history/")
    ]
    audit = str(list(AuditEntry.objects.values()))
    assert "desk" in audit
    for text in (*pages, stored, audit, repr(row), str(row)):
        assert MARK not in text and SIGNING not in text


def test_what_is_left_empty_stays_as_it_was(admin_client: Client, added: AddedReceiver) -> None:
    page = f"{PAGE}{added.pk}/change/"
    assert admin_client.post(page, form(target="", secret="", follows=["cex", "defi"])).status_code == 302
    receiver = AddedReceiver.objects.get().receiver()
    assert (receiver.target, receiver.secret, receiver.follows) == (HOOK, SIGNING, ("cex", "defi"))
    admin_client.post(page, form(target=f"{HOOK}/2", secret=""))
    receiver = AddedReceiver.objects.get().receiver()
    assert (receiver.target, receiver.secret) == (f"{HOOK}/2", SIGNING)
    assert "changed: target" in AuditEntry.objects.order_by("-pk").values_list("what", flat=True)[0]
    logged = str(list(LogEntry.objects.values_list("change_message", flat=True)))
    assert "Address" in logged and HOOK not in logged and SIGNING not in logged


def test_an_admin_adds_a_service_and_neither_address_nor_secret_is_shown(admin_client: Client) -> None:
    address = f"https://api.telegram.org/bot1:{MARK}/sendMessage?chat_id=-100"
    secret = f"{MARK}-comes-back"
    admin_client.post(f"{PAGE}add/", form(kind="telegram", target=address, secret=secret))
    row = AddedReceiver.objects.get()
    assert (row.receiver().target, row.receiver().secret) == (address, secret)
    for page in (PAGE, f"{PAGE}{row.pk}/change/"):
        assert MARK not in admin_client.get(page).content.decode()
    assert MARK not in str(list(AddedReceiver.objects.values_list())) + str(list(AuditEntry.objects.values_list()))


def test_a_receiver_for_escalations_alone_is_one_that_follows_nothing(admin_client: Client) -> None:
    assert admin_client.post(f"{PAGE}add/", form(follows=[])).status_code == 302
    assert for_escalations(make_config()) == ("desk",)
    assert "escalations alone" in admin_client.get(PAGE).content.decode()
    assert "follows escalations alone" in AuditEntry.objects.get(act="receiver_added").what
    assert channels("delisting", "binance") == [("cex", 40)]
    config = make_config(ALERT_CHANNELS=further(name="pager", follows=[]), ALERT_ESCALATE_TO="pager")
    assert for_escalations(config) == ("pager", "desk")
    AddedReceiver.objects.update(risk=True)
    assert for_escalations(config) == ("pager",), "risk messages are for programs"
    AddedReceiver.objects.update(risk=False, enabled=False)
    assert for_escalations(config) == ("pager",)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target": ""}, "expected an address"),
        ({"target": f"gopher://{MARK}"}, "expected an http:// or https:// URL"),
        ({"secret": f"{MARK[:5]}"}, "expected a secret that signs"),
        ({"kind": "teams", "secret": "", "target": f"https://acme.webhook.office.com/{MARK}"}, "are retired"),
        ({"kind": "email", "secret": "", "target": "a@example.com"}, "EMAIL_URL and EMAIL_FROM"),
        ({"name": "cex"}, "expected another name"),
        ({"name": "No Name"}, "expected a name of 2 to 32"),
        ({"risk": "on", "kind": "email", "secret": "", "target": "a@example.com"}, "risk messages are for programs"),
        ({"risk": "on", "risk_venues": "BINANCE,-"}, "to be a list of venues"),
    ],
)
def test_a_wrong_receiver_is_refused_without_repeating_its_secrets(
    admin_client: Client, fields: dict[str, Any], said: str
) -> None:
    response = admin_client.post(f"{PAGE}add/", form(**fields))
    text = response.content.decode()
    assert said in text
    assert MARK not in text and SIGNING not in text
    assert not AddedReceiver.objects.exists()


def test_a_receiver_of_another_kind_needs_an_address_of_its_own(admin_client: Client, added: AddedReceiver) -> None:
    page = f"{PAGE}{added.pk}/change/"
    assert "expected an address" in admin_client.post(page, form(kind="teams", target="", secret="")).content.decode()


def test_an_address_that_an_earlier_release_encrypted_is_read(settings: Any) -> None:
    settings.SECRET_KEY = "x" * 50
    token = (
        "gAAAAABrDXCfrouP886T0derm45lq27HHblhIjYw12_yqsp47kdU3kJU7bsVSqXUM3RTdx4G6bRJUQlc2idhfv96zYkLoh5_qVIEBUaQvXPa"
        "BIpdLzcBDv4="
    )
    receiver = AddedReceiver(name="night", kind="teams", follows=["cex"], sealed_target=token).receiver()
    assert receiver.target == "https://hooks.example/secret"


@pytest.mark.django_db
def test_a_receiver_that_was_sealed_with_another_key_is_shown_as_lost(
    admin_client: Client, added: AddedReceiver, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 60
    assert added.receiver().target == HOOK
    settings.SECRET_KEY_FALLBACKS = []
    assert added.receiver().target == ""


def test_events_go_to_their_channel_and_to_those_that_follow_it(added: AddedReceiver) -> None:
    assert [name for name, _ in channels("delisting", "binance")] == ["cex", "desk"]
    assert [name for name, _ in channels("hack", "defillama")] == ["defi"]
    tell(make_event())
    assert sorted(Alert.objects.values_list("channel", flat=True)) == ["cex", "desk"]
    AddedReceiver.objects.update(enabled=False)
    assert [name for name, _ in channels("delisting", "binance")] == ["cex"]
    assert "desk" not in all_receivers(make_config())


def test_a_receiver_that_is_switched_off_leaves_nothing_waiting(admin_client: Client, added: AddedReceiver) -> None:
    tell(make_event())
    fields = form(target="", secret="")
    del fields["enabled"]
    admin_client.post(f"{PAGE}{added.pk}/change/", fields)
    alert = Alert.objects.get(channel="desk")
    assert (alert.state, alert.muted_by) == ("muted", "receiver_off")
    assert Alert.objects.get(channel="cex").state == "pending"


def test_a_suspended_receiver_is_tried_at_once_with_its_new_address(admin_client: Client, added: AddedReceiver) -> None:
    later = timezone.now() + timedelta(hours=1)
    ChannelState.objects.create(channel="desk", suspended_at=timezone.now(), probe_at=later)
    admin_client.post(f"{PAGE}{added.pk}/change/", form(target=f"{HOOK}/new", secret=""))
    assert ChannelState.objects.filter(probe_at__lte=timezone.now()).exists()


def test_a_test_is_sent_from_the_page_of_channels(admin_client: Client, added: AddedReceiver) -> None:
    assert_only_pressed(admin_client, "/admin/alerts/channelstate/desk/test/")
    assert admin_client.post("/admin/alerts/channelstate/nowhere/test/").status_code == 404
    admin_client.post("/admin/alerts/channelstate/desk/test/")
    # A double click is one test.
    admin_client.post("/admin/alerts/channelstate/desk/test/")
    alert = Alert.objects.get()
    assert (alert.channel, alert.reason, alert.state) == ("desk", "test", "pending")
    assert AuditEntry.objects.get().act == "tested"


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_follows_what_admins_add_change_and_remove(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.delivery.dispatcher.POLL_SECONDS", 0.1)
    monkeypatch.setattr("alerts.routes.get_config", make_config)
    with running(Dispatcher(make_config())):
        receiver = AddedReceiver(name="desk", kind="teams", follows=["cex"], made_by="ann")
        receiver.set_secrets(hooks.sinks["cex"].url, "")
        receiver.save()
        tell(make_event(), now=timezone.now())
        hooks.wait_for(1, "cex")
        receiver.set_secrets(hooks.sinks["defi"].url, "")
        receiver.save()
        eventually(lambda: Alert.objects.get(channel="desk").state == "sent", "the first is recorded")
        tell(make_event(), now=timezone.now())
        eventually(lambda: Alert.objects.filter(channel="desk", state="sent").count() == 2, "the second is recorded")
        Alert.objects.create(channel="long_gone", reason="test", queued_at=timezone.now(), due_at=timezone.now())
        eventually(lambda: Alert.objects.get(channel="long_gone").state == "muted", "what nobody waits for ends")
        receiver.delete()
        tell(make_event(), now=timezone.now())
        eventually(lambda: Alert.objects.filter(channel="cex", state="sent").count() == 3, "the third is printed")
    assert len(hooks.requests("cex")) + len(hooks.requests("defi")) == 2
    assert receivers.where_set("cex").startswith("CEX_WEBHOOK_URL")
