"""The addresses of chat and paging services: one URL that says where to and as whom. No message repeats a value."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from crypto_ews.conf import values

CHAT_KINDS = ("telegram", "discord", "slack", "pagerduty", "opsgenie")

TELEGRAM = "https://api.telegram.org/bot<token>/sendMessage?chat_id=<chat>"
DISCORD = "a Discord webhook: https://discord.com/api/webhooks/<id>/<token>"
SLACK = "https://hooks.slack.com/services/…, or https://slack.com/api/chat.postMessage?channel=<channel>"
PAGERDUTY = "https://events.pagerduty.com/v2/enqueue?routing_key=<integration key of 32 characters>"
OPSGENIE = "https://api.opsgenie.com/v2/alerts?key=<API key>"

_SHORTEST_SECRET = 16
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,256}")


def parts_of(target: str) -> tuple[str, dict[str, str]]:
    """The URL without its query, and the query."""
    url = urlsplit(target)
    return urlunsplit((url.scheme, url.netloc, url.path, "", "")), dict(parse_qsl(url.query))


def posts_as_bot(target: str) -> bool:
    """Whether a Slack address is the method of a bot, as opposed to an incoming webhook."""
    return urlsplit(target).path.endswith("/chat.postMessage")


def check_service(kind: str, target: str, secret: str) -> None:
    """Raises ValueError saying what is expected of a receiver of a kind in CHAT_KINDS."""
    url, query = parts_of(values.http_url(target))
    match kind:
        case "telegram":
            topic = query.get("message_thread_id", "1")
            if not re.search(r"/bot\d+:[\w-]+/sendMessage$", url) or not query.get("chat_id") or not topic.isdecimal():
                raise ValueError(f"{TELEGRAM}, for a topic with &message_thread_id=<number>")
            if secret and not _SECRET_TOKEN.fullmatch(secret):
                raise ValueError("a secret of 16 to 256 letters, digits, _ and -: the secret_token of setWebhook")
        case "discord":
            if not re.search(r"/webhooks/[\w-]+/[\w-]+$", url):
                raise ValueError(DISCORD)
            _no_secret(secret)
        case "slack" if posts_as_bot(target):
            if not query.get("channel") or not re.fullmatch(r"xox[a-z]-\S{8,}", secret):
                raise ValueError(f"{SLACK}; the secret of the latter is the bot's token, xoxb-…")
        case "slack":
            _no_secret(secret)
        case "pagerduty":
            if not re.fullmatch(r"[0-9A-Za-z]{32}", query.get("routing_key", "")):
                raise ValueError(PAGERDUTY)
            _long_enough(secret)
        case "opsgenie":
            if len(query.get("key", "")) < _SHORTEST_SECRET or not url.endswith("/v2/alerts"):
                raise ValueError(OPSGENIE)
            _long_enough(secret)


def _no_secret(secret: str) -> None:
    if secret:
        raise ValueError("no secret: nothing comes back from this service")


def _long_enough(secret: str) -> None:
    if secret and len(secret) < _SHORTEST_SECRET:
        raise ValueError("a secret of 16 or more characters, with which acknowledgements that come back are checked")
