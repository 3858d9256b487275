"""Every kind of receiver over real connections: what arrives, what each answer means, and that no secret comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import pkgutil
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from alerts import channels
from alerts.channels import FACTORIES, apprise, transport_for
from alerts.channels.base import Transport
from alerts.delivery.retry import decide
from alerts.receiver import CONSOLE, Receiver
from alerts.rendering.card_html import card_html
from alerts.rendering.message import ActLink, Digest, DigestLine, Message, Notice
from alerts.rendering.teams_card import render_message
from crypto_ews.conf import Config
from crypto_ews.conf.channels import KINDS
from tests.alerts.factories import NOW, make_config
from tests.alerts.rendering.test_teams_card import summary
from tests.upstreams import UpstreamServer
from tests.upstreams.card_schema import schema_faults
from tests.upstreams.server import At
from tests.upstreams.smtp import DROP, HANG, MailServer
from tests.upstreams.steps import Hang, Reply, Reset

SIGNING = "whsec_" + base64.b64encode(b"k" * 24).decode()
MARK = "s3cr3tAddressPart"
BASE = "https://ews.example"
LINK = ActLink("acknowledge", "Acknowledge", f"{BASE}/act/acknowledge.7.x.1.n:sig")


def message(content: Any = None, **fields: Any) -> Message:
    return Message(content or summary(), NOW, BASE, **{"channel": "desk", "key": "alert-5", "acts": (LINK,), **fields})


def mail_config(server: MailServer, **variables: str) -> Config:
    url = f"smtp://ops:{MARK}@127.0.0.1:{server.port}"
    return make_config(EMAIL_URL=url, EMAIL_FROM="ews@example.com", **variables)


def open_(kind: str, target: str, secret: str = "", config: Config | None = None) -> Transport:
    return transport_for(Receiver("desk", kind, ("cex",), target, secret), config or make_config())


def verdict(answer: Any) -> tuple[str, str]:
    decision = decide(answer, attempts=1, since=NOW, now=NOW, shrunk=False, jitter=0.0)
    return decision.kind.value, decision.reason


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def test_every_module_of_a_kind_is_registered_and_can_be_configured() -> None:
    helpers = {"base", "deadline", "http", "redaction", "stepwise", "window"}
    modules = {module.name for module in pkgutil.iter_modules(channels.__path__)} - helpers
    assert {factory.__module__.rpartition(".")[2] for factory in FACTORIES.values()} == modules
    assert set(FACTORIES) == {*KINDS, CONSOLE}


POSTING = {"teams": "", "webhook": SIGNING}


@pytest.mark.parametrize("kind", POSTING)
def test_every_http_code_is_judged_the_same_way_over_the_wire(server: UpstreamServer, kind: str) -> None:
    """One table for all kinds that post; 201 and 204 are an acceptance where the receiver is no Teams webhook."""

    def expected(status: int) -> str:
        if status in (200, 202) or (kind == "webhook" and status in (201, 204)):
            return "sent"
        if status in (400, 413):
            return "shrink"
        if status in (401, 403, 404, 410) or 300 <= status <= 399:
            return "suspend"
        return "dead" if 400 <= status <= 499 and status not in (408, 429) else "retry"

    codes = [*range(200, 209), *range(300, 309), *range(400, 452), *range(500, 512), 599]
    route = server.route("/hook", 200)
    transport = open_(kind, server.url("/hook"), POSTING[kind])
    seen = {}
    for code in codes:
        route.replace(code)
        seen[code] = verdict(transport.deliver(message()))[0]
    transport.close()
    assert seen == {code: expected(code) for code in codes}


def test_a_webhook_gets_signed_json_that_a_receiver_can_verify(server: UpstreamServer) -> None:
    server.route("/hook", 204)
    before = time.time()
    assert verdict(open_("webhook", server.url("/hook"), SIGNING).deliver(message())) == ("sent", "accepted")
    (request,) = server.requests_to("/hook")
    # What the README tells receivers to do.
    key = base64.b64decode(SIGNING.removeprefix("whsec_"))
    number, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    signed = hmac.new(key, f"{number}.{timestamp}.".encode() + request.body, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(signed).decode()
    assert abs(int(timestamp) - before) < 5
    assert number == "alert-5"
    payload = json.loads(request.body)
    assert (payload["type"], payload["channel"], payload["id"]) == ("event", "desk", "alert-5")
    assert payload["event"]["event_id"] == 7
    assert payload["event"]["our_tokens"][0]["token"] == "LUNA"
    assert payload["links"] == {
        "event": f"{BASE}/admin/events/event/7/change/",
        "runbook": f"{BASE}/runbook/delisting/",
        "acknowledge": LINK.url,
    }


def test_a_signature_holds_for_one_body_one_time_and_one_message_only(server: UpstreamServer) -> None:
    server.route("/hook", 204)
    transport = open_("webhook", server.url("/hook"), SIGNING)
    for sent in (message(), message(key="alert-6"), message(summary(title="Other"))):
        transport.deliver(sent)
    signatures = {request.headers["webhook-signature"] for request in server.requests_to("/hook")}
    assert len(signatures) == 3


def test_a_webhook_that_refuses_the_whole_gets_what_must_be_known(server: UpstreamServer) -> None:
    server.route("/hook", 204)
    transport = open_("webhook", server.url("/hook"), SIGNING)
    transport.deliver(message(minimal=True))
    transport.deliver(message(Notice("Quiet", "A channel is suspended")))
    listed = replace(digest(), lines=tuple(replace(line, why="x" * 100) for line in digest().lines))
    for minimal in (False, True):
        transport.deliver(message(listed, minimal=minimal))
    whole, notice, *listed_as = (json.loads(request.body) for request in server.requests_to("/hook"))
    assert whole["event"]["title"] == "A notice" and "our_tokens" not in whole["event"]
    assert notice["notice"]["title"] == "Quiet"
    full, least = (len(json.dumps(payload)) for payload in listed_as)
    assert least < full / 2 and "text" not in listed_as[1]
    kept = ("event_id", "action", "status", "ended", "deadline", "link")
    assert [[line[name] for name in kept] for line in listed_as[1]["events"]] == [
        [line[name] for name in kept] for line in listed_as[0]["events"]
    ]


def test_a_mail_holds_the_card_as_text_and_as_html(mail: MailServer) -> None:
    config = mail_config(mail)
    text = summary(title="Exchange will remove <b>LUNA</b>\r\nBcc: all@example.com 🚀")
    answer = open_("email", "ann@example.com, bob@example.com", config=config).deliver(message(text))
    assert verdict(answer) == ("sent", "accepted")
    (got,) = mail.mails
    assert mail.recipients == [["ann@example.com", "bob@example.com"]]
    assert got["Bcc"] is None
    assert got["Subject"] == "REDUCE ONLY · LUNA · Binance spot"
    assert got["Message-ID"] == "<ews-alert-5@example.com>"
    assert got["References"] == "<ews-event-7@example.com>"
    plain, html = (str(part.get_content()) for part in got.iter_parts())
    assert "LUNA/USDT" in plain and LINK.url in plain
    assert "LUNA/USDT" in html and LINK.url in html
    assert "&lt;b&gt;LUNA" in html and "<b>LUNA" not in html


def digest(count: int = 40) -> Digest:
    lines = (
        DigestLine(number, ("opened",), "volatility", f"T{number} **fell** <b>", (f"T{number}",), "avoid_new", "open")
        for number in range(1, count + 1)
    )
    return Digest("digest", f"{count} alerts in one", tuple(lines))


def test_a_digest_names_every_event_whatever_the_kind(server: UpstreamServer, mail: MailServer) -> None:
    server.route("/hook", 202)
    sent = message(digest(), acts=())
    for kind, secret in POSTING.items():
        assert verdict(open_(kind, server.url("/hook"), secret).deliver(sent))[0] == "sent"
    apprise_url = server.url("/hook").replace("http://", "json://")
    assert verdict(open_("apprise", apprise_url).deliver(sent))[0] == "sent"
    assert verdict(open_("email", "ann@example.com", config=mail_config(mail)).deliver(sent))[0] == "sent"
    texts = [request.body.decode() for request in server.requests_to("/hook")]
    (mailed,) = mail.mails
    assert mailed["Subject"] == "OPEN NOTHING NEW and 39 more · T1"
    texts += [str(part.get_content()) for part in mailed.iter_parts()]
    assert len(texts) == 5
    for text in texts:
        numbers = set(map(int, re.findall(r"(?:#|event_id\D+)(\d+)", text)))
        assert set(range(1, 41)) <= numbers
    (payload,) = [json.loads(text) for text in texts if '"version":1' in text]
    assert payload["type"] == "digest" and len(payload["events"]) == 40
    assert schema_faults(render_message(sent)) == []
    assert "<b>" not in card_html(render_message(sent)).replace("<b>OPEN NOTHING NEW", "")


REFUSED = "550 no such user"


@pytest.mark.parametrize(
    ("answers", "judged"),
    [
        ({"CONNECT": "421 busy"}, ("retry", "smtp")),
        ({"CONNECT": "554 go away"}, ("suspend", "receiver_unusable")),
        ({"CONNECT": DROP}, ("retry", "reset")),
        ({"AUTH": "535 wrong"}, ("suspend", "receiver_unusable")),
        ({"AUTH": "454 try later"}, ("retry", "smtp")),
        ({"EHLO": "250 nothing"}, ("suspend", "receiver_unusable")),
        ({"MAIL": "550 not you"}, ("suspend", "receiver_unusable")),
        ({"MAIL": "552 too large"}, ("shrink", "refused")),
        ({"RCPT": REFUSED}, ("suspend", "receiver_unusable")),
        ({"RCPT": "450 greylisted"}, ("retry", "smtp")),
        ({"DATA": DROP}, ("retry", "reset")),
        ({"BODY": f"554 spam: {LINK.url} is listed"}, ("shrink", "refused")),
        ({"BODY": "451 disk full"}, ("retry", "smtp")),
        ({"QUIT": DROP}, ("sent", "accepted")),
        ({"QUIT": "500 no"}, ("sent", "accepted")),
    ],
)
def test_what_a_mail_server_answers_decides(mail: MailServer, answers: dict[str, str], judged: tuple[str, str]) -> None:
    mail.answers.update(answers)
    answer = open_("email", "ann@example.com", config=mail_config(mail)).deliver(message())
    assert verdict(answer) == judged
    assert MARK not in repr(answer) and LINK.url.rpartition("/")[2] not in repr(answer)


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "BODY"])
def test_a_mail_server_that_hangs_ends_at_the_total_deadline(mail: MailServer, command: str) -> None:
    mail.answers[command] = HANG
    started = time.monotonic()
    answer = open_("email", "ann@example.com", config=mail_config(mail, TIMEOUT="0.3")).deliver(message())
    assert verdict(answer) == ("retry", "timeout")
    assert time.monotonic() - started < 2


def test_a_mail_server_that_hangs_after_it_took_the_mail_has_taken_it(mail: MailServer) -> None:
    mail.answers["QUIT"] = HANG
    answer = open_("email", "ann@example.com", config=mail_config(mail, TIMEOUT="0.3")).deliver(message())
    assert verdict(answer) == ("sent", "accepted")


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    config = make_config(EMAIL_URL="smtp://127.0.0.1:9", EMAIL_FROM="ews@example.com")
    assert verdict(open_("email", "ann@example.com", config=config).deliver(message())) == ("retry", "connect")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "loopback.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("trusted", [True, False])
def test_mail_is_encrypted_and_the_servers_certificate_is_checked(
    certificate: Path, scheme: str, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with MailServer(tls=tls, tls_at_once=scheme == "smtps") as mail:
        url = f"{scheme}://ops:{MARK}@127.0.0.1:{mail.port}"
        config = make_config(EMAIL_URL=url, EMAIL_FROM="ews@example.com")
        answer = open_("email", "ann@example.com", config=config).deliver(message())
        assert verdict(answer) == (("sent", "accepted") if trusted else ("retry", "tls"))
        assert len(mail.mails) == len(mail.logins) == int(trusted), "nothing goes to whom we do not know"


def test_a_server_that_cannot_encrypt_gets_no_password(mail: MailServer) -> None:
    url = f"smtp+starttls://ops:{MARK}@127.0.0.1:{mail.port}"
    config = make_config(EMAIL_URL=url, EMAIL_FROM="ews@example.com")
    assert verdict(open_("email", "ann@example.com", config=config).deliver(message()))[0] in ("retry", "suspend")
    assert mail.logins == [] and mail.mails == []


def test_mail_without_a_server_is_refused_with_what_to_set() -> None:
    answer = open_("email", "ann@example.com").deliver(message())
    assert verdict(answer)[0] == "suspend"
    assert "EMAIL_URL" in answer.explanation


def test_apprise_delivers_title_and_text(server: UpstreamServer) -> None:
    server.route(f"/{MARK}", 200)
    transport = open_("apprise", server.url(f"/{MARK}").replace("http://", "json://"))
    assert verdict(transport.deliver(message())) == ("sent", "accepted")
    (request,) = server.requests_to(f"/{MARK}")
    sent = json.loads(request.body)
    assert sent["title"] == "REDUCE ONLY · LUNA · Binance spot"
    assert "LUNA/USDT" in sent["message"] and LINK.url in sent["message"]


def test_foreign_text_calls_nobody_through_apprise(server: UpstreamServer) -> None:
    """A title that anybody can write must not call everybody of a chat, nor hide where a link leads."""
    server.route(f"/{MARK}", 200)
    title = "@everyone <!channel> <@123> <#7> @here [support](https://evil.example) a@b.example 3 < 4"
    content = Notice(title, title)
    transport = open_("apprise", server.url(f"/{MARK}").replace("http://", "json://"))
    transport.deliver(message(content))
    (request,) = server.requests_to(f"/{MARK}")
    sent = json.loads(request.body)
    for text in (sent["title"], sent["message"]):
        assert not re.search(r"@\w|<[@!#]|\]\(", text), text
    assert "3 < 4" in sent["message"] and "everyone" in sent["message"]


def test_what_apprise_cannot_deliver_is_tried_again(server: UpstreamServer) -> None:
    server.route("/x", 500)
    assert verdict(open_("apprise", server.url("/x").replace("http://", "json://")).deliver(message())) == (
        "retry",
        "apprise",
    )


def test_an_apprise_service_that_hangs_ends_at_the_total_deadline(server: UpstreamServer) -> None:
    server.route("/x", Hang())
    transport = open_("apprise", server.url("/x").replace("http://", "json://"), config=make_config(TIMEOUT="0.3"))
    started = time.monotonic()
    assert verdict(transport.deliver(message())) == ("retry", "timeout")
    assert time.monotonic() - started < 2


def test_without_apprise_the_channel_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    answer = open_("apprise", "json://127.0.0.1/x").deliver(message())
    assert verdict(answer)[0] == "suspend"
    assert answer.explanation == apprise.NOT_INSTALLED


def test_a_receiver_whose_address_is_lost_says_so() -> None:
    answer = open_("webhook", "").deliver(message())
    assert verdict(answer)[0] == "suspend"
    assert "enter it again" in answer.explanation


FAULTS = [
    pytest.param(lambda request: Reply(f"no flow {request.target}; {request.headers}", 404), id="404 that repeats all"),
    pytest.param(lambda request: Reply(f"failed for {request.target}"), id="200 that tells of a failure"),
    pytest.param(lambda request: Reply("", 302, {"Location": f"http://127.0.0.1{request.target}"}), id="redirect"),
    pytest.param(Reset(), id="reset"),
    pytest.param(Hang(), id="hang"),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["teams", "webhook", "apprise"])
def test_no_kind_gives_its_secret_away(
    server: UpstreamServer, kind: str, fault: Any, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("alerts", "events"):
        logging.getLogger(name).addHandler(caplog.handler)
    path = f"/hook/{MARK}"
    server.route(path, At(0, fault))
    url = server.url(f"{path}?sig={MARK}2").replace("http://", "json://" if kind == "apprise" else "http://")
    transport = open_(kind, url, POSTING.get(kind, ""), make_config(TIMEOUT="0.3"))
    answer = transport.deliver(message())
    for name in ("alerts", "events"):
        logging.getLogger(name).removeHandler(caplog.handler)
    assert server.requests, "nothing was sent, so that nothing was proved"
    printed = "".join(capfd.readouterr())
    shown = f"{answer!r} {transport!r} {caplog.text} {printed}".lower()
    assert MARK.lower() not in shown
    assert SIGNING.removeprefix("whsec_").lower() not in shown


def test_a_receivers_repr_names_no_secret() -> None:
    shown = repr(Receiver("desk", "webhook", ("cex",), f"https://x.example/{MARK}", SIGNING))
    assert "desk" in shown and MARK not in shown and SIGNING not in shown
