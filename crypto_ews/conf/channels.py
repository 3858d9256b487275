"""Where alerts go: the checks of receivers' addresses and secrets, shared by the configuration and the admin.

No message of this module repeats a value: they are secrets.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit

from crypto_ews.conf import values
from crypto_ews.conf.services import CHAT_KINDS, check_service

BASE_CHANNELS = ("cex", "defi", "stablecoin", "token_volatility", "token_liquidity")
KINDS = ("teams", "webhook", "email", "apprise", *CHAT_KINDS)
_CONSOLE = "console"
"""The kind of a base channel without a webhook: it prints."""

ACTIONS = ("watch", "avoid_new", "reduce_only", "exit", "halt")
"""Of `events.enums.Action`, the mildest first: the configuration knows no app."""

_VENUE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,31}")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.?[^@\s,;<>\".]+")
_SHORTEST_SIGNING_SECRET = 16

_CONNECTOR_IS_RETIRED = (
    "the URL of a Teams workflow; Office 365 connectors (webhook.office.com) are retired and deliver nothing. In "
    "Teams, add the workflow “Send webhook alerts to a channel” to the channel and use the URL that it shows"
)
_FLOW_URL_IS_RETIRED = (
    "the workflow's new URL; those at logic.azure.com/workflows have stopped working. Open the flow in Power Automate, "
    "copy the URL of its trigger again (it is at …api.powerplatform.com) and use that"
)


@dataclass(frozen=True)
class RiskFilter:
    """Which rows of the token view a webhook gets as `risk` messages.

    venues: as the streams take them, exchanges or venues; none: all. min_action: at least this one; "": all rows.
    """

    venues: tuple[str, ...] = ()
    min_action: str = ""


@dataclass(frozen=True)
class ExtraChannel:
    """A receiver beside the base channels.

    target: a URL, or e-mail addresses separated by commas. secret: what signs webhooks. follows: the base channels
    whose alerts it gets as well. risk: the rows of the token view that it gets; None: no `risk` messages.
    """

    name: str
    kind: str
    follows: tuple[str, ...]
    target: str = field(repr=False)
    secret: str = field(default="", repr=False)
    risk: RiskFilter | None = None


@dataclass(frozen=True)
class MailServer:
    """An SMTP server. encryption: "none", "starttls", or "tls" from the first byte on."""

    host: str
    port: int
    encryption: str
    user: str = ""
    password: str = field(default="", repr=False)


def teams_url(raw: str) -> str:
    """A Teams Workflows webhook. Raises ValueError for the retired forms, saying what to do instead."""
    url = values.http_url(raw)
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if _is_within(host, "webhook.office.com") or (
        host in ("outlook.office.com", "outlook.office365.com") and parts.path.lower().startswith("/webhook")
    ):
        raise ValueError(_CONNECTOR_IS_RETIRED)
    if _is_within(host, "logic.azure.com") and parts.path.lower().startswith("/workflows"):
        raise ValueError(_FLOW_URL_IS_RETIRED)
    return url


def _is_within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def optional_teams_url(raw: str) -> str | None:
    return teams_url(raw) if raw else None


def signing_key(secret: str) -> bytes:
    """The bytes that sign webhooks: of `whsec_…` what its base64 says, else the text itself. Raises ValueError."""
    expected = "whsec_ followed by base64 of 16 or more bytes, or 16 or more characters"
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise ValueError(expected) from None
    else:
        key = secret.encode()
    if len(key) < _SHORTEST_SIGNING_SECRET:
        raise ValueError(expected)
    return key


def mail_addresses(raw: str) -> tuple[str, ...]:
    """Addresses separated by commas, at least one."""
    addresses = tuple(dict.fromkeys(part.strip() for part in raw.split(",") if part.strip()))
    if not addresses or not all(_ADDRESS.fullmatch(address) for address in addresses):
        raise ValueError("e-mail addresses separated by commas, such as ops@example.com")
    return addresses


def optional_mail_address(raw: str) -> str:
    return mail_addresses(raw)[0] if raw else ""


def apprise_url(raw: str) -> str:
    """A URL that Apprise reads. Raises ValueError when it does not, or when Apprise is not installed."""
    if find_spec("apprise") is None:
        raise ValueError("Apprise to be installed: pip install -r requirements-extra.txt")
    from apprise import Apprise

    if not Apprise.instantiate(raw, suppress_exceptions=True):
        raise ValueError("a URL that Apprise knows, such as slack://… or tgram://…")
    return raw


def kinds_with_positions(raw: str) -> tuple[str, ...]:
    """Kinds of receivers whose cards name positions of the desk; "0": none."""
    if raw.strip() == "0":
        return ()
    kinds = tuple(dict.fromkeys(name.lower() for name in values.names(raw)))
    for kind in kinds:
        if kind not in (*KINDS, _CONSOLE):
            raise ValueError(f"0, or some of {', '.join((*KINDS, _CONSOLE))} (could not use {kind!r})")
    return kinds


def check_target(kind: str, target: str, secret: str) -> None:
    """Raises ValueError saying what is expected of a receiver of that kind."""
    match kind:
        case "teams":
            teams_url(target)
        case "webhook":
            values.http_url(target)
        case "email":
            mail_addresses(target)
        case "apprise":
            apprise_url(target)
        case _ if kind in CHAT_KINDS:
            check_service(kind, target, secret)
            return
        case _:
            raise ValueError(f"one of the kinds {', '.join(KINDS)}")
    if kind == "webhook":
        try:
            signing_key(secret)
        except ValueError as error:
            raise ValueError(f"a secret that signs what is sent: {error}") from None
    elif secret:
        raise ValueError(f"no secret: only webhook, {', '.join(CHAT_KINDS)} have one")


def check_name(name: str) -> str:
    """The name of an extra channel. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError("a name of 2 to 32 lower-case letters, digits and underscores that begins with a letter")
    if name in BASE_CHANNELS:
        raise ValueError(f"another name than {', '.join(BASE_CHANNELS)}: these exist already")
    return name


def further_channels(raw: str) -> tuple[ExtraChannel, ...]:
    """A JSON list of objects. Raises ValueError that names the position and what is expected there."""
    if not raw:
        return ()
    try:
        items = json.loads(raw)
    except json.JSONDecodeError as error:
        raise ValueError(f"a JSON list of objects ({error.msg} at character {error.pos})") from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("a JSON list of objects")
    channels: list[ExtraChannel] = []
    for number, item in enumerate(items, 1):
        try:
            channel = _extra_channel(item)
            if channel.name in {known.name for known in channels}:
                raise ValueError("a name that no other one has")
        except ValueError as error:
            raise ValueError(f"of its object {number}: {error}") from None
        channels.append(channel)
    return tuple(channels)


_MORE_KEYS = {"webhook": {"secret", "risk"}, **{kind: {"secret"} for kind in CHAT_KINDS}}
_TARGET_KEYS = {**dict.fromkeys(KINDS, "url"), "email": "to"}


def _extra_channel(item: Mapping[str, Any]) -> ExtraChannel:
    kind = item.get("kind")
    if kind not in KINDS:
        raise ValueError(f'"kind" to be one of {", ".join(KINDS)}')
    known = {"name", "kind", "follows", _TARGET_KEYS[kind]} | _MORE_KEYS.get(kind, set())
    if unknown := sorted(set(item) - known):
        raise ValueError(f"the keys {', '.join(sorted(known))}, not {', '.join(map(repr, unknown))}")
    name = check_name(str(item.get("name", "")))
    risk = risk_filter(item.get("risk", False))
    follows = item.get("follows", list(BASE_CHANNELS))
    # An empty list is a receiver for ALERT_ESCALATE_TO alone, or for risk messages.
    if not isinstance(follows, list) or not set(map(str, follows)) <= set(BASE_CHANNELS):
        raise ValueError(f'"follows" to be a list of some of {", ".join(BASE_CHANNELS)}, or [] for escalations alone')
    target = item.get(_TARGET_KEYS[kind], "")
    if isinstance(target, list) and kind == "email":
        target = ", ".join(map(str, target))
    secret = item.get("secret", "")
    if not isinstance(target, str) or not isinstance(secret, str):
        raise ValueError("texts")
    check_target(kind, target, secret)
    return ExtraChannel(name, kind, tuple(follows), target, secret, risk)


def risk_filter(item: object) -> RiskFilter | None:
    """false, true, or {"venues": […], "min_action": "…"}. Raises ValueError."""
    if item is False:
        return None
    found = {} if item is True else item
    venues = found.get("venues", []) if isinstance(found, dict) else None
    action = found.get("min_action", "") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not set(found) <= {"venues", "min_action"}:
        raise ValueError('"risk" to be true, or an object with "venues" and "min_action"')
    if not isinstance(venues, list) or not all(isinstance(venue, str) and _VENUE.fullmatch(venue) for venue in venues):
        raise ValueError('"venues" of "risk" to be a list of venues such as BINANCE_USDM, or exchanges such as binance')
    if action not in ("", *ACTIONS):
        raise ValueError(f'"min_action" of "risk" to be one of {", ".join(ACTIONS)}')
    return RiskFilter(tuple(venues), str(action))


_MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_ENCRYPTION = {"smtp": "none", "smtp+starttls": "starttls", "smtps": "tls"}


def optional_mail_server(raw: str) -> MailServer | None:
    """`smtp+starttls://user:password@host:port`. Raises ValueError."""
    if not raw:
        return None
    expected = "smtp://, smtp+starttls:// or smtps:// and user:password@host:port, special characters percent-encoded"
    parts, port = values.server_parts(raw, _MAIL_PORTS, expected)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"{expected}; user and password go together")
    return MailServer(str(parts.hostname), port, _ENCRYPTION[parts.scheme], user, password)


def optional_time_of_day(raw: str) -> str:
    """ "HH:MM", or "" for never."""
    if raw and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", raw):
        raise ValueError("a time of day such as 07:30, or nothing")
    return raw


def link_hours(raw: str) -> float:
    hours = values.positive_number(raw)
    if hours > 24 * 7:
        raise ValueError("hours, at most 168 (one week)")
    return hours
