"""Slack: an incoming webhook, or `chat.postMessage` with a bot's token as the secret.

The method answers 200 whatever happened: `{"ok": false, "error": "…"}` is a refusal, and its word decides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.channels.base import Answer, ChannelVerdict
from alerts.channels.http import answer_from, links_in, posted_bytes
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.slack_blocks import render_slack
from crypto_ews.conf.services import parts_of
from events.upstream.client import HttpClient, HttpOutcome

if TYPE_CHECKING:
    from crypto_ews.conf import Config

_UNUSABLE = frozenset(
    "not_authed invalid_auth account_inactive token_revoked token_expired no_permission missing_scope "
    "channel_not_found not_in_channel is_archived restricted_action org_login_required ekm_access_denied "
    "team_access_not_granted action_prohibited channel_is_archived no_service no_active_hooks invalid_token "
    "no_team user_not_found access_denied enterprise_is_restricted two_factor_setup_required not_allowed_token_type "
    "posting_to_general_channel_denied messages_tab_disabled".split()
)
_REFUSED = frozenset(
    "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text too_many_attachments "
    "invalid_arguments invalid_payload invalid_json".split()
)
_THROTTLED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# The answer repeats the message, but a quotation mark within its texts has a backslash: these find keys alone.
_OK = re.compile(r'"ok"\s*:\s*(true|false)')
_ERROR = re.compile(r'"error"\s*:\s*"([a-z_]{1,60})"')
_BARE = re.compile(r"[a-z_]{1,60}")


class SlackTransport:
    """Posts Block Kit. A bot's token goes into a header, never into the URL."""

    name = "Slack"
    throttled = True

    def __init__(self, target: str, secret: str, deadline_seconds: float) -> None:
        self._target, self._secret = target, secret
        url, query = parts_of(target)
        self._url, self._channel = (url, query.get("channel", "")) if secret else (target, "")
        self._client = HttpClient(deadline_seconds)

    def deliver(self, message: Message) -> Answer:
        headers = {"Authorization": f"Bearer {self._secret}"} if self._secret else {}
        headers["Content-Type"] = "application/json; charset=utf-8"
        outcome = self._client.post_json(self._url, posted_bytes(render_slack(message, self._channel)), headers=headers)
        secrets = (self._target, *filter(None, [self._secret]), *links_in(message))
        answer, word = answer_from(outcome, *secrets, verdict=_verdict(outcome)), _word(outcome)
        if word in _THROTTLED:
            # The rules know 429 as the sign of a limit.
            return replace(answer, status=429)
        failed = word and answer.status == 200 and not answer.verdict
        return replace(answer, error="failure_in_200") if failed else answer

    def close(self) -> None:
        self._client.close()


def _word(outcome: HttpOutcome) -> str:
    """What Slack calls the failure; "" for none. An incoming webhook says it in a bare word, and "ok" for success."""
    body = outcome.body_excerpt.strip()
    said = _OK.search(body)
    if outcome.status == 200 and said and said[1] == "false":
        found = _ERROR.search(body)
        return found[1] if found else "unknown"
    return body if outcome.status in (200, 400, 403, 404, 410) and _BARE.fullmatch(body) and body != "ok" else ""


def _verdict(outcome: HttpOutcome) -> ChannelVerdict:
    word = _word(outcome)
    if word in _UNUSABLE:
        return "unusable"
    if word in _REFUSED:
        return "refused"
    said = _OK.search(outcome.body_excerpt)
    return "accepted" if outcome.status == 200 and outcome.error is None and said and said[1] == "true" else ""


def open_transport(receiver: Receiver, config: Config) -> SlackTransport:
    return SlackTransport(receiver.target, receiver.secret, config.request_deadline_seconds)
