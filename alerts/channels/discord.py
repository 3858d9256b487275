"""Discord, through a webhook with `?wait=true`: the answer is the message as posted, or says what is wrong with it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from alerts.channels.base import Answer, ChannelVerdict
from alerts.channels.http import answer_from, links_in, posted_bytes
from alerts.channels.window import used_up
from alerts.receiver import Receiver
from alerts.rendering.discord_embed import render_discord
from alerts.rendering.message import Message
from crypto_ews.conf.services import parts_of
from events.upstream.client import HttpClient, HttpOutcome

if TYPE_CHECKING:
    from crypto_ews.conf import Config


# Of a 400: the channel is a forum, where each post needs a thread, or the thread is archived or locked. That is about
# the webhook, not about the message.
_THREAD_IS_UNUSABLE = re.compile(r'"code"\s*:\s*(22000[1-4]|50083|160005)\b')


class DiscordTransport:
    """Posts one embed per message, and none while Discord's own count says that the next one would be refused."""

    name = "Discord"
    throttled = True

    def __init__(self, target: str, deadline_seconds: float) -> None:
        self._target = target
        url, query = parts_of(target)
        thread = f"&thread_id={query['thread_id']}" if query.get("thread_id", "").isdecimal() else ""
        self._url = f"{url}?wait=true{thread}"
        self._client = HttpClient(deadline_seconds)
        self._not_before = 0.0

    def deliver(self, message: Message) -> Answer:
        wait = self._not_before - time.monotonic()
        if wait > 0:
            # Refused requests count too: after 10,000 in ten minutes Discord bans the address.
            return used_up(wait, "Discord's limit is used up")
        outcome = self._client.post_json(self._url, posted_bytes(render_discord(message)))
        self._count(outcome)
        return answer_from(outcome, self._target, self._url, *links_in(message), verdict=_verdict(outcome))

    def _count(self, outcome: HttpOutcome) -> None:
        headers = {name.lower(): value for name, value in outcome.headers.items()}
        after = headers.get("x-ratelimit-reset-after", "")
        if headers.get("x-ratelimit-remaining") == "0" and re.fullmatch(r"\d{1,4}(\.\d+)?", after):
            self._not_before = time.monotonic() + float(after)

    def close(self) -> None:
        self._client.close()


def _verdict(outcome: HttpOutcome) -> ChannelVerdict:
    # The posted message repeats words of the event, which must decide nothing.
    complete = outcome.status in (200, 204) and outcome.error is None
    if complete:
        return "accepted"
    return "unusable" if outcome.status == 400 and _THREAD_IS_UNUSABLE.search(outcome.body_excerpt) else ""


def open_transport(receiver: Receiver, config: Config) -> DiscordTransport:
    return DiscordTransport(receiver.target, config.request_deadline_seconds)
