"""Marked secrets are planted everywhere a secret can stand; then everything that can be read is searched for them."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts import canary
from alerts.channels import transport_for
from alerts.delivery import rate_limit
from alerts.delivery.dispatcher import Dispatcher
from alerts.models import AddedReceiver, Alert, AlertAttempt, ChannelState
from alerts.receivers import all_receivers
from alerts.rendering.links import act_links, digest_links
from crypto_ews.conf import Config, ConfigurationError, parse_config, variables
from crypto_ews.logs import LineFormatter, logging_settings
from tests.alerts.factories import bump, make_event, tell
from tests.support.daemon_process import ROOT, clean_environment
from tests.upstreams import UpstreamServer
from tests.upstreams.smtp import MailServer
from tests.upstreams.steps import Reply
from tests.upstreams.wire import Request


def mark(place: str) -> str:
    """A secret that can be told from every other one; none is a part of a word that a page could hold."""
    return f"zq7{place}x9secret"


SIGNING_BYTES = mark("signing").encode()
SIGNING = "whsec_" + base64.b64encode(SIGNING_BYTES).decode()
ADDED_SIGNING = mark("addedsigning")
PLACES = ("path", "sig", "hookpath", "apprisepath", "mailpassword", "ping", "key", "added", "addedsigning", "debug")
# Where the daemon's own handler hangs: the root, and those that do not pass on to it.
LOGGERS = ("", *logging_settings("DEBUG")["loggers"])


@dataclass
class World:
    """A configuration full of secrets, on receivers that repeat in their answers whatever they are sent."""

    config: Config
    environment: dict[str, str]
    server: UpstreamServer
    mail: MailServer
    read: dict[str, str] = field(default_factory=dict)

    def saw(self, where: str, text: object) -> None:
        """Something that somebody can read."""
        self.read[where] = self.read.get(where, "") + str(text)


def secrets() -> list[str]:
    """The planted ones, in each of the forms that they may be written in, and those that this machine has made."""
    password = urlsplit(os.environ["DATABASE_URL"]).password or ""
    planted = [*(mark(place) for place in PLACES), SIGNING, SIGNING.removeprefix("whsec_"), password]
    encoded = [base64.b64encode(secret.encode()).decode().rstrip("=") for secret in planted]
    login = base64.b64encode(f"\0ops\0{mark('mailpassword')}".encode()).decode()
    return [*planted, *(quote(secret, safe="") for secret in planted), *encoded, login, SIGNING_BYTES.decode()]


def leaks(read: dict[str, str]) -> list[str]:
    """Where which secret shows."""
    found = []
    for where, text in read.items():
        lowered = text.lower()
        found += [f"{where}: {secret}" for secret in secrets() if secret and secret.lower() in lowered]
    return found


def echo(status: int) -> Any:
    def answer(request: Request) -> Reply:
        told = f"cannot: {request.target} {dict(request.headers)} {request.body.decode(errors='replace')}"
        return Reply(told, status, {"Location": f"http://127.0.0.1{request.target}", "X-Echo": request.target})

    return answer


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with UpstreamServer() as server, MailServer() as mail:
        for path in (mark("path"), mark("hookpath"), mark("apprisepath"), mark("added")):
            server.route(f"/{path}", *map(echo, (500, 200, 403)))
        teams = server.url(f"/{mark('path')}?sig={mark('sig')}")
        apprise = server.url(f"/{mark('apprisepath')}").replace("http://", "json://")
        further = [
            {"name": "hook", "kind": "webhook", "url": server.url(f"/{mark('hookpath')}"), "secret": SIGNING},
            {"name": "phone", "kind": "apprise", "url": apprise},
            {"name": "mail", "kind": "email", "to": ["ops@example.com"]},
        ]
        environment = {
            "CEX_WEBHOOK_URL": teams,
            "ALERT_CHANNELS": json.dumps(further),
            "EMAIL_URL": f"smtp://ops:{mark('mailpassword')}@127.0.0.1:{mail.port}",
            "EMAIL_FROM": "ews@example.com",
            "DEAD_MAN_PING_URL": server.url(f"/{mark('ping')}"),
            "SECRET_KEY": mark("key") * 4,
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "ALERT_CANARY_AT": "00:00",
            "TIMEOUT": "2",
        }
        # What is said and written does not depend on the pace.
        monkeypatch.setattr(rate_limit, "MIN_GAP", timedelta(0))
        mail.answers.update(AUTH=f"535 no such login: {mark('mailpassword')}")
        config = parse_config(environment)
        for module in list(sys.modules.values()):
            # pydantic raises for names that it no longer has.
            if module.__name__.partition(".")[0] == "alerts" and getattr(module, "get_config", None) is not None:
                monkeypatch.setattr(module, "get_config", lambda: config)
        yield World(config, environment, server, mail)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, our own formatter's lines included, down to the most talkative level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s"))
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.DEBUG)
    # It traces every variable that a template does not have.
    monkeypatch.setattr(logging.getLogger("django.template"), "disabled", True)
    yield stream
    for name in LOGGERS:
        logging.getLogger(name).removeHandler(handler)
        logging.getLogger(name).setLevel(before[name])


def add_a_receiver(client: Client, world: World) -> None:
    target = world.server.url(f"/{mark('added')}")
    form = {
        "name": "added",
        "kind": "webhook",
        "target": target,
        "secret": ADDED_SIGNING,
        "follows": ["cex"],
        "enabled": "on",
    }
    answer = client.post("/admin/alerts/addedreceiver/add/", form)
    assert answer.status_code == 302
    world.saw("the admin's answer", answer.content.decode())
    wrong = client.post("/admin/alerts/addedreceiver/add/", {**form, "name": "Wrong name", "kind": "teams"})
    world.saw("the admin's refusal", wrong.content.decode())


def deliver_everything(world: World) -> None:
    """Every kind of receiver, through every kind of answer."""
    event = make_event(title="Exchange will remove LUNA")
    tell(event, now=timezone.now())
    for _ in range(3):
        Dispatcher(world.config).drain(10)
        Alert.objects.filter(state__in=["pending", "dead"]).update(due_at=timezone.now(), state="pending")
        apps.get_model("alerts.ChannelState").objects.update(probe_at=None, last_started_at=None)
    tell(bump(event), "updated", now=timezone.now())
    canary.queue_if_due(world.config, timezone.now().replace(hour=1))


def every_page() -> Iterator[str]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        row = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        if row is not None:
            yield reverse(f"{name}_change", args=[row])
    yield reverse("admin:alerts_addedreceiver_add")
    yield reverse("admin:alerts_addedreceiver_history", args=[AddedReceiver.objects.get().pk])
    alert = Alert.objects.filter(event__isnull=False).first()
    assert alert is not None
    yield reverse("admin:alerts_preview_alert", args=[alert.pk])
    yield reverse("admin:alerts_preview_event", args=[alert.event_id])
    yield from ("/admin/", "/healthz", "/readyz", "/metrics", "/act/wrong", "/nowhere")


@pytest.mark.long
def test_no_secret_is_in_anything_that_somebody_can_read(
    world: World, admin_client: Client, logged: io.StringIO, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_a_receiver(admin_client, world)
    deliver_everything(world)
    monkeypatch.setattr("alerts.management.commands.sendtestalert.WAIT_SECONDS", 1.5)
    output, errors = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command("sendtestalert", stdout=output, stderr=errors)
    world.saw("sendtestalert", output.getvalue() + errors.getvalue())

    # That the secrets were used is what makes their absence a proof.
    asked = " ".join(f"{request.target} {request.headers}" for request in world.server.requests)
    for place in ("path", "sig", "hookpath", "apprisepath", "added"):
        assert mark(place) in asked, place
    assert world.mail.logins, "nobody logged in at the mail server"
    tried = set(AlertAttempt.objects.values_list("channel", flat=True))
    assert tried == set(all_receivers(world.config))
    assert ChannelState.objects.exclude(suspended_at=None).exists()

    for path in every_page():
        answer = admin_client.get(path)
        assert answer.status_code in (200, 301, 302, 403, 404, 503), (path, answer.status_code)
        world.saw(path, answer.content.decode(errors="replace"))
        world.saw(f"headers of {path}", answer.headers)
    for model in apps.get_models():
        for row in model._base_manager.all()[:200]:
            world.saw(f"repr of {model.__name__}", f"{row!r} {row}")
        world.saw(f"rows of {model.__name__}", list(model._base_manager.values()[:500]))
    world.saw("repr of the configuration", repr(world.config))
    for receiver in all_receivers(world.config).values():
        transport = transport_for(receiver, world.config)
        world.saw("repr of receivers", f"{receiver!r} {transport!r}")
        transport.close()
    world.saw("logs", logged.getvalue())
    world.saw("stdout and stderr", "".join(capfd.readouterr()))
    world.saw("log settings", logging_settings("DEBUG"))
    assert len(world.read["logs"]) > 1000
    assert leaks(world.read) == []


def test_a_page_of_an_error_shows_no_secret_even_while_developing(
    world: World, admin_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_a_receiver(admin_client, world)
    tell(make_event(), now=timezone.now())
    settings.DEBUG = True
    settings.CONFIG = world.config
    settings.SECRET_KEY = mark("key") * 4
    settings.DATABASES = {"default": {"PASSWORD": mark("debug")}}

    def broken(*_arguments: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("alerts.admin.preview.card_html", broken)
    monkeypatch.setattr("alerts.admin.receivers.ReceiverForm.clean_name", broken)
    admin_client.raise_request_exception = False
    alert = Alert.objects.get(channel="cex")
    admin_client.force_login(apps.get_model("auth.User").objects.get())
    page = admin_client.get(reverse("admin:alerts_preview_alert", args=[alert.pk]))
    form = {"name": "again", "kind": "webhook", "target": f"https://x.example/{mark('added')}", "secret": ADDED_SIGNING}
    posted = admin_client.post("/admin/alerts/addedreceiver/add/", {**form, "follows": ["cex"]})
    for where, answer in (("page", page), ("form", posted)):
        assert answer.status_code == 500
        text = answer.content.decode()
        assert "a fault of ours" in text and "CONFIG" in text
        world.saw(where, text)
    assert leaks(world.read) == []


@pytest.mark.parametrize("name", [variable.name for _, variable in variables() if variable.secret])
def test_a_secret_that_cannot_be_used_is_not_repeated(name: str) -> None:
    for wrong in (f"nonsense {mark('path')}", f"ftp://{mark('path')}", f'[{{"url": "{mark("path")}"}}]'):
        try:
            config = parse_config({name: wrong})
        except ConfigurationError as error:
            assert name in str(error)
            assert mark("path") not in f"{error} {error!r} {error.faults}"
        else:
            # Any text will do as a secret key.
            assert name == "SECRET_KEY"
            assert mark("path") not in repr(config)


def test_a_start_that_fails_prints_no_secret(world: World) -> None:
    environment = {**world.environment, "EMAIL_FROM": "nobody", "CEX_WEBHOOK_URL": f"ftp://{mark('path')}"}
    for command in (["runschedulers", "--once"], ["sendtestalert", "nowhere"]):
        result = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=clean_environment(environment),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 2
        assert re.search(r"CEX_WEBHOOK_URL was \(not shown\)", result.stderr)
        world.saw(" ".join(command), result.stdout + result.stderr)
    assert leaks(world.read) == []


def test_a_leak_would_be_found() -> None:
    for secret in secrets():
        assert leaks({"page": f"<td>{secret.upper()}</td>"}), secret


def test_a_receiver_in_the_database_is_sealed(db: None, admin_client: Client, world: World) -> None:
    add_a_receiver(admin_client, world)
    row = AddedReceiver.objects.get()
    assert row.receiver().secret == ADDED_SIGNING
    assert leaks({"row": str(AddedReceiver.objects.values().get())}) == []


def test_a_link_that_still_works_is_in_no_log(db: None, logged: io.StringIO) -> None:
    event = make_event()
    link, other = (link.url for link in act_links(event.pk, "cex", "", timezone.now(), 1))
    listed = {"digest": {"kind": "digest", "events": [event.pk]}}
    now = timezone.now()
    digest = Alert.objects.create(reason="digest", channel="cex", queued_at=now, due_at=now, detail=listed)
    of_all, used = (link.url for link in digest_links(digest.pk, [event.pk], "cex", "", now, 1))
    assert Client().post(of_all, {"name": ""}).status_code == 400
    assert Client().post(used, {"name": "ann", "hours": "1"}).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, {"name": "mallory"}).status_code == 403
    assert Client().post(link, {"name": ""}).status_code == 400
    assert Client().put(link).status_code == 405
    Client().post(other, {"name": "ann", "hours": "1"})
    rows = [list(model._base_manager.values()) for model in apps.get_models()]
    assert "/act/…" in logged.getvalue(), "the refusals are logged"
    for url in (link, other, of_all, used):
        signature = url.rpartition(":")[2]
        assert signature not in f"{logged.getvalue()} {rows}"
