"""Who is let in, as what, and for how long; and that no token is to be read anywhere."""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.exposition import generate_latest

from alerts.models import AuditEntry
from api.management.commands.apitoken import offer_token
from api.models import ApiToken
from api.tokens import sessions
from api.tokens.secret import new_token
from api.tokens.store import make_token, revoke
from crypto_ews.conf import parse_config
from crypto_ews.logs import LineFormatter, masked
from tests.support.daemon_process import eventually

RISK = "/api/v1/risk"


@pytest.fixture
def http(api_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api_url, trust_env=False) as client:
        yield client


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **more}


def status_of(http: httpx.Client, token: str) -> int:
    return http.get(RISK, headers=bearer(token)).status_code


# ------------------------------------------------------------------------------------------------- getting in, and out


def test_revoked_is_refused_within_a_second_by_our_command_by_sql_and_by_deletion(
    http: httpx.Client, token_of: Any
) -> None:
    for way in ("command", "sql", "delete"):
        token = token_of(name=way)
        # Whoever has just got a token uses it at once.
        assert status_of(http, token) == 200
        if way == "command":
            call_command("apitoken", revoke=way, stdout=io.StringIO())
        elif way == "sql":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE api_apitoken SET revoked_at = now() WHERE name = 'sql'")
        else:
            ApiToken.objects.filter(name=way).delete()
        eventually(lambda: status_of(http, token) == 401, 1.5, f"refused after {way}")  # noqa: B023


def an_expired_token_is_refused_in_the_type_that_the_caller_reads(http: httpx.Client) -> None:
    token = make_token("old", ["read"], datetime.now(UTC) - timedelta(days=2), "test", 1)
    eventually(lambda: "expired" in http.get(RISK, headers=bearer(token)).text, 2, "the token is known")
    for accept, kind in (
        ("application/json", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/html,application/xhtml+xml", "text/plain; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
    ):
        answer = http.get(RISK, headers=bearer(token, Accept=accept))
        assert answer.status_code == 401 and answer.headers["content-type"] == kind
        assert "'old' expired" in answer.text or answer.json()["detail"].startswith("the token 'old' expired")
        assert answer.headers["www-authenticate"] == "Bearer" and "access-control-allow-origin" not in answer.headers


def whoever_has_no_token_reads_nothing_and_learns_no_path(http: httpx.Client) -> None:
    for given in ("", "Bearer", "Basic YTpi", "Bearer ews_short", "bearer " + new_token(), "Token x"):
        for path in (
            RISK,
            f"{RISK}/BTC",
            "/api/v1/can-trade?symbol=X",
            "/api/v1/nosuch",
            "/api/nosuch",
            "/api/v1/sources",
        ):
            for method in ("GET", "HEAD", "POST", "OPTIONS"):
                answer = http.request(method, path, headers={"Authorization": given} if given else {})
                # Some wrong tokens later they are not even looked up.
                assert answer.status_code in (401, 429), (given, method, path, answer.status_code)


def a_scope_that_is_missing_is_403_and_pairs_open_nothing_else(http: httpx.Client, token_of: Any) -> None:
    actor, pairs, admin = token_of("act", name="a"), token_of("pairs", name="p"), token_of("admin", name="all")
    eventually(lambda: status_of(http, admin) == 200, 2, "admin includes read")
    for token, path in (
        (actor, RISK),
        (pairs, RISK),
        (pairs, "/api/v1/sources"),
        (pairs, "/api/v1/can-trade?symbol=X"),
    ):
        answer = http.get(path, headers=bearer(token))
        assert answer.status_code == 403 and answer.headers["content-type"] == "application/problem+json", path
    with pytest.raises(ValueError, match="pairs alone"):
        make_token("both", ["pairs", "read"], datetime.now(UTC), "test")
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(name="p").update(scopes=["pairs", "read"])


def methods_are_answered_as_http_has_them(http: httpx.Client, token_of: Any) -> None:
    reader = httpx.Client(base_url=http.base_url, headers=bearer(token_of(name="methods")), trust_env=False)
    eventually(lambda: reader.get(RISK).status_code == 200, 2, "the token is known")
    got, head = reader.get(RISK), reader.head(RISK)
    assert head.status_code == 200 and head.content == b"" and head.headers["etag"] == got.headers["etag"]
    options = reader.options(RISK)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    wrong = reader.delete("/api/v1/can-trade")
    assert wrong.status_code == 405 and wrong.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    nowhere = reader.get("/api/v1/nosuch")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    reader.close()


def test_whoever_may_not_is_refused(http: httpx.Client, token_of: Any) -> None:
    """Together: what takes longest is to empty the database after each test."""
    a_scope_that_is_missing_is_403_and_pairs_open_nothing_else(http, token_of)
    an_expired_token_is_refused_in_the_type_that_the_caller_reads(http)
    methods_are_answered_as_http_has_them(http, token_of)
    whoever_has_no_token_reads_nothing_and_learns_no_path(http)


@pytest.mark.long
def test_more_requests_than_allowed_wait_and_another_token_does_not(http: httpx.Client, token_of: Any) -> None:
    one, other = token_of(name="one"), token_of(name="other")
    eventually(lambda: status_of(http, one) == 200 and status_of(http, other) == 200, 2, "both are known")
    # Each counts as a hundred of the four hundred that are allowed at once.
    many = {"pairs": [{"symbol": f"X{number}"} for number in range(1000)]}
    with ThreadPoolExecutor(8) as threads:
        sent = [threads.submit(http.post, "/api/v1/can-trade", headers=bearer(one), json=many) for _ in range(8)]
    answers = [each.result() for each in sent]
    assert 200 in {answer.status_code for answer in answers}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] == 1
    assert "API_RATE_LIMIT" in refused.json()["detail"]
    assert status_of(http, other) == 200


@pytest.mark.long
def test_guesses_are_cut_off_and_a_right_token_from_the_same_address_is_not(http: httpx.Client, token_of: Any) -> None:
    right = token_of()
    eventually(lambda: status_of(http, right) == 200, 2, "the token is known")
    statuses = [status_of(http, new_token()) for _ in range(40)]
    assert statuses[0] == 401 and statuses[-1] == 429 and set(statuses) == {401, 429}
    assert status_of(http, right) == 200


# ------------------------------------------------------------------------------------------------------------ sessions


def test_a_logged_in_member_of_staff_reads_and_nobody_else_with_a_session(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "KNOWN_SECONDS", 0.2)
    staff, guest = User.objects.create_user("ann", password="x", is_staff=True), User.objects.create_user("bob")
    browser, other = Client(), Client()
    browser.force_login(staff)
    other.force_login(guest)
    key = browser.cookies["sessionid"].value
    cookie = {"Cookie": f"csrftoken=x; sessionid={key}"}
    assert http.get(RISK, headers=cookie).status_code == 200
    assert http.post("/api/v1/can-trade", headers=cookie, json={"pairs": [{"symbol": "X"}]}).status_code == 401
    assert http.get(RISK, headers={"Cookie": f"sessionid={other.cookies['sessionid'].value}"}).status_code == 401
    assert http.get(RISK, headers={"Cookie": "sessionid=nosuch"}).status_code == 401
    # A new password ends it, as it ends it in the admin.
    staff.set_password("y")
    staff.save()
    eventually(lambda: http.get(RISK, headers=cookie).status_code in (401, 429), 7, "the session has ended")


# -------------------------------------------------------------------------------------------------- making and showing


def test_the_command_makes_lists_and_revokes(db: None) -> None:
    said = io.StringIO()
    call_command("apitoken", "bot-1", scope=["read", "act"], days=2.0, stdout=said)
    token = said.getvalue().strip()
    row = ApiToken.objects.get()
    assert token.startswith(row.shown) and row.scopes == ["act", "read"] and row.expires_at is not None
    said = io.StringIO()
    call_command("apitoken", list=True, stdout=said)
    assert "bot-1" in said.getvalue() and "last used never" in said.getvalue() and token not in said.getvalue()
    assert revoke(row, datetime.now(UTC), "test") and not revoke(row, datetime.now(UTC), "test")
    acts = list(AuditEntry.objects.order_by("id").values_list("act", "where"))
    assert acts == [("token_made", "command line"), ("token_revoked", "command line")]
    assert token not in str(list(AuditEntry.objects.values()))
    for wrong in (
        {"name": "bot-1", "scope": ["read"]},
        {"name": "new", "scope": []},
        {"name": "new", "scope": ["read"], "days": -1.0},
        {"name": "new", "scope": ["read"], "days": float("nan")},
        {"name": "new\n", "scope": ["read"]},
        {},
        {"name": "new", "list": True},
        {"revoke": "nosuch"},
    ):
        with pytest.raises(CommandError, match="expected"):
            call_command("apitoken", *([wrong.pop("name")] if "name" in wrong else []), **wrong)


def test_a_new_embedded_database_gets_one_token_and_it_is_said_once(db: None) -> None:
    said: list[str] = []
    now = datetime.now(UTC)
    assert not offer_token(parse_config({"DATABASE_URL": "postgresql://user:x@db.test/name"}), now, said.append)
    embedded = parse_config({"PUBLIC_BASE_URL": "http://127.0.0.1:8000/"})
    assert offer_token(embedded, now, said.append) and not offer_token(embedded, now, said.append)
    assert len(said) == 1 and "http://127.0.0.1:8000/api/v1/risk" in said[0]
    assert ApiToken.objects.get().scopes == ["read"]


def test_the_admin_shows_a_new_token_once_and_revokes(admin_client: Client) -> None:
    form = {"name": "desk", "scopes": ["read", "act"], "days": "1.5"}
    shown = admin_client.post("/admin/api/apitoken/add/", form)
    assert shown.status_code == 200 and "no-store" in shown["Cache-Control"]
    row = ApiToken.objects.get()
    text = shown.content.decode()
    token = text.partition('<code id="token">')[2].partition("<")[0]
    assert token.startswith(row.shown) and len(token) == 47
    everywhere = [
        admin_client.get(path) for path in ("/admin/", "/admin/api/apitoken/", f"/admin/api/apitoken/{row.pk}/change/")
    ]
    again = admin_client.post("/admin/api/apitoken/add/", form)
    assert all(page.status_code == 200 for page in everywhere) and "taken" in again.content.decode()
    rows = [list(model._base_manager.values()) for model in apps.get_models()]
    pages = " ".join(page.content.decode() for page in [*everywhere, again])
    assert token not in f"{pages} {rows} {admin_client.cookies}" and row.sha256 not in pages
    admin_client.post("/admin/api/apitoken/", {"action": "revoke_tokens", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.revoked_at is not None and AuditEntry.objects.filter(act="token_revoked", where="admin").exists()
    wrong = admin_client.post("/admin/api/apitoken/add/", {**form, "name": "x", "scopes": ["pairs", "read"]})
    assert "pairs alone" in wrong.content.decode() and ApiToken.objects.count() == 1


def test_staff_who_are_no_superusers_make_no_tokens(db: None) -> None:
    from django.contrib.auth.models import Permission

    staff = User.objects.create_user("ann", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="api"))
    client = Client()
    client.force_login(staff)
    made = client.post("/admin/api/apitoken/add/", {"name": "x", "scopes": ["admin"]})
    assert made.status_code == 403 and not ApiToken.objects.exists()


# --------------------------------------------------------------------------------------------------------- no leaks


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, by our own formatter, down to the most talkative level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s"))
    names = (
        "",
        "api",
        "events",
        "alerts",
        "django",
        "django.request",
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
        "asyncio",
    )
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.long
def test_a_token_sent_in_any_wrong_way_is_to_be_read_nowhere(
    api_url: str, http: httpx.Client, token_of: Callable[..., str], logged: io.StringIO, settings: Any, capfd: Any
) -> None:
    token, pairs = token_of(name="careless"), token_of("pairs", name="lists")
    eventually(lambda: status_of(http, token) == 200, 2, "the token is known")
    read = []
    for debug in (False, True):
        settings.DEBUG = debug
        for path in (
            f"{RISK}?token={token}", f"{RISK}/{token}", f"/api/v1/can-trade?symbol={token}", f"/api/v1/no?key={token}",
            f"{RISK}?key={token.replace('_', '%5F')}", f"{RISK}?key=%65ws_{token[4:]}",
            f"{RISK}?key=%2565ws_{token[4:]}", f"/admin/?key={token}", f"/nosuch/{token}",
            f"/metrics?key={token}", f"/api/docs?key={token}",
            f"{RISK}?key={pairs}", f"{RISK}?{token[:30]}",
        ):  # fmt: skip
            for headers in ({}, bearer(token), bearer(token, Accept="text/html")):
                answer = http.get(path, headers=headers)
                assert answer.status_code in (400, 401, 403, 429), (path, answer.status_code)
                read.append(f"{answer.text} {answer.headers}")
        told = http.get(f"{RISK}?token={token}", headers=bearer(token)).json()
        assert "revoke it" in told["detail"] and "careless" in told["detail"]
        for headers in ({"Authorization": f"Basic {token}"}, {"X-Token": token}, {"Referer": f"http://x/{token}"},
                        {"Cookie": f"sessionid={token}"}, {"Authorization": f"Bearer {token}x"}):  # fmt: skip
            for path in (RISK, "/admin/", "/nosuch", "/api/v1/nosuch"):
                answer = http.get(path, headers=headers)
                read.append(f"{answer.text} {answer.headers}")
        many = http.post("/api/v1/can-trade", headers=bearer(token), content=f'{{"pairs": "{token}"}}')
        one = http.post("/api/v1/can-trade", headers=bearer(token), json={"pairs": [{"symbol": token}]})
        read += [
            many.text,
            http.post("/admin/login/", data={"username": token, "password": token}).text.replace(token, ""),
        ]
        assert many.status_code == 422 and one.status_code == 200
    host, port = api_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"GET {RISK}?token={token} HTTP/9.9\r\nBroken {token}\r\n\r\n".encode())
        read.append(line.recv(65536).decode())
    read += [logged.getvalue(), *capfd.readouterr(), generate_latest(REGISTRY).decode(), http.get("/metrics").text]
    rows = [list(model._base_manager.values()) for model in apps.get_models()]
    assert len(logged.getvalue()) > 1000
    for secret in (token, pairs, token[4:40], token.replace("_", "%5F")):
        assert secret not in f"{' '.join(read)} {rows}"


def test_a_page_of_an_error_shows_no_token(
    admin_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    token = new_token()

    def broken(*_arguments: Any, **_options: Any) -> None:
        local = {"somewhere": [token]}
        raise RuntimeError(f"a fault of ours with {token} in {local}")

    monkeypatch.setattr("api.admin.make_token", broken)
    admin_client.raise_request_exception = False
    for accept in ("text/html", "text/plain"):
        page = admin_client.post(
            f"/admin/api/apitoken/add/?x={token}",
            {"name": "x", "scopes": ["read"], "other": token},
            headers={"Authorization": f"Bearer {token}", "Accept": accept, "X-Other": token},
        )
        assert page.status_code == 500 and "a fault of ours" in page.content.decode()
        assert token not in page.content.decode()


def test_what_masks_tokens_masks_them_wherever_they_stand() -> None:
    token = new_token()
    for text in (
        f"x{token}y",
        f"?key={token}&a=b",
        f"'{token}'",
        token.replace("_", "%5F"),
        f"ewt_{token[4:]}",
        f"/?ticket={token[4:]}",
    ):
        assert token[4:30] not in masked(text), text
    for word in ("OKX_NEWS_DICT_URL news_dict_url", "ews_source_age_seconds", "views_of_something_long"):
        assert masked(word) == word
    assert masked("nothing to hide: a=b, views") == "nothing to hide: a=b, views"
