"""Telegram, through the Bot API's `sendMessage`.

The address is `https://api.telegram.org/bot<token>/sendMessage?chat_id=…`, with `&message_thread_id=…` for a topic. The
secret is optional: the `secret_token` of the bot's webhook, with which one press of a button acknowledges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.channels.base import PER_MINUTE, Answer, ChannelVerdict
from alerts.channels.http import answer_from, links_in, posted_bytes
from alerts.channels.window import used_up, window_of
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.telegram_html import render_telegram
from crypto_ews.conf.services import parts_of
from events.upstream.client import HttpClient, HttpOutcome

if TYPE_CHECKING:
    from crypto_ews.conf import Config

A_GROUP_TAKES = 20
"""Messages of a bot in one group within a minute. More refusals come with longer and longer waits."""

# A 400 with one of these is about the chat, not about the message.
_CHAT_IS_UNUSABLE = (
    "chat not found", "group chat was upgraded", "not enough rights", "have no rights", "chat_id is",
    "message thread not found", "topic_closed", "topic_deleted", "chat_write_forbidden", "chat_restricted",
    "peer_id_invalid", "need administrator rights", "chat_send_plain_forbidden",
)  # fmt: skip


class TelegramTransport:
    """Sends one message per alert. A 429 names its wait in `parameters.retry_after`."""

    name = "Telegram"
    throttled = True

    def __init__(self, target: str, secret: str, deadline_seconds: float) -> None:
        self._target, self._secret = target, secret
        self._url, query = parts_of(target)
        self._chat, self._topic = query.get("chat_id", ""), query.get("message_thread_id", "")
        self._client = HttpClient(deadline_seconds)
        # The number of a private chat is that of its person; those of groups are negative, and channels have names.
        self.per_minute = PER_MINUTE if self._chat.isdecimal() else A_GROUP_TAKES
        # Topics of one group are receivers of their own and share what the group takes.
        self._window = window_of("telegram", f"{self._url} {self._chat.lower()}", self.per_minute)

    def deliver(self, message: Message) -> Answer:
        if wait := self._window.take(message.now):
            why = f"this chat has had its {self.per_minute} messages in a minute"
            return used_up(wait, why)
        payload = render_telegram(message, self._chat, self._topic, bool(self._secret))
        outcome = self._client.post_json(self._url, posted_bytes(payload))
        return answer_from(outcome, self._target, *self._secrets(), *links_in(message), verdict=_verdict(outcome))

    def _secrets(self) -> tuple[str, ...]:
        token = self._url.split("/bot", 1)[-1].partition("/")[0]
        return (token, *token.split(":")[1:], *([self._secret] if self._secret else []))

    def close(self) -> None:
        self._client.close()


def _verdict(outcome: HttpOutcome) -> ChannelVerdict:
    body = outcome.body_excerpt
    if outcome.status == 200 and outcome.error is None and _is_ok(body):
        # The rest of the answer repeats the message, whose words must decide nothing.
        return "accepted"
    if outcome.status == 400 and any(words in body.lower() for words in _CHAT_IS_UNUSABLE):
        return "unusable"
    return ""


def _is_ok(body: str) -> bool:
    # The answer repeats the message and may have been cut off: it is no JSON then.
    return '"ok":true' in body[:40].replace(" ", "")


def open_transport(receiver: Receiver, config: Config) -> TelegramTransport:
    return TelegramTransport(receiver.target, receiver.secret, config.request_deadline_seconds)
