"""freqtrade's own REST API, as far as locks need it (`rpc/api_server/api_trading.py` of freqtrade 2026.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import httpx

from ews_client.freqtrade.locks import Lock
from ews_client.transport import base_url


class BotRefused(Exception):
    """It will be refused tomorrow too: a wrong password, or no freqtrade behind the address."""


class BotAway(Exception):
    """Nobody answers, or not as freqtrade does; it may be different in a moment."""


class Bot:
    """One bot. Every method raises BotRefused or BotAway; the password stands in no message."""

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 5.0, allow_http: bool = False) -> None:
        """Raises ValueError for an address that cannot be meant. timeout: seconds, for each step of one request."""
        self.url = base_url(url, allow_http).removesuffix("/api/v1")
        self._user = user
        self._met = False
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1/",
            auth=(user, password),
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def config(self) -> Mapping[str, Any]:
        """`exchange`, `trading_mode`, `margin_mode`, `stake_currency`, `state` and others."""
        return self._object(self._asked("GET", "show_config"), "show_config", "exchange")

    def whitelist(self) -> list[str]:
        """The pairs that it may open now, with those of its open trades."""
        body = self._object(self._asked("GET", "whitelist"), "whitelist", "whitelist")
        if not isinstance(pairs := body["whitelist"], list) or not all(isinstance(pair, str) for pair in pairs):
            raise BotAway("whitelist was no list of pairs")
        return pairs

    def locks(self) -> list[Lock]:
        """The active ones."""
        return self._locks(self._asked("GET", "locks"))

    def _locks(self, answer: Any) -> list[Lock]:
        body = self._object(answer, "locks", "locks")
        try:
            return [
                Lock(int(one["id"]), str(one["pair"]), str(one["side"]), str(one["reason"] or ""),
                     datetime.fromtimestamp(one["lock_end_timestamp"] / 1000, timezone.utc))
                for one in body["locks"] if one["active"]
            ]  # fmt: skip
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BotAway(f"a lock had another form than expected: {type(error).__name__} {error}") from None

    def lock(self, wanted: Sequence[tuple[str, str, datetime]]) -> list[Lock]:
        """Adds locks of both sides: (pair, reason, until). The active ones thereafter."""
        rows = [
            {"pair": pair, "side": "*", "until": until.isoformat(), "reason": reason[:255]}
            for pair, reason, until in wanted
        ]
        return self._locks(self._asked("POST", "locks", json=rows))

    def unlock(self, lock_id: int) -> None:
        """Removes the one lock of this id."""
        self._asked("DELETE", f"locks/{lock_id}")

    def trades(self) -> list[Mapping[str, Any]]:
        """The open ones."""
        body = self._asked("GET", "status")
        if not isinstance(body, list) or not all(isinstance(one, Mapping) for one in body):
            raise BotAway("status was no list of trades")
        return body

    def force_exit(self, trade_id: int) -> None:
        """Closes one trade, as /forceexit does. The number of a trade that is closed is refused by freqtrade."""
        self._asked("POST", "forceexit", json={"tradeid": str(trade_id)})

    def _asked(self, method: str, path: str, json: Any = None) -> Any:
        try:
            answer = self._http.request(method, path, json=json)
        except httpx.HTTPError as error:
            raise BotAway(f"no answer from {self.url} ({type(error).__name__})") from None
        if answer.status_code in (401, 403):
            raise BotRefused(
                f"{self.url} refused the user {self._user!r}: expected username and password of api_server"
            )
        if (answer.status_code == 404 or answer.is_redirect) and not self._met:
            # Once it was there, it is a proxy that says so while the bot starts again.
            raise BotRefused(
                f"{self.url}/api/v1/{path} is not there ({answer.status_code}), expected freqtrade's REST API"
            )
        if not answer.is_success:
            raise BotAway(f"{path} was answered with {answer.status_code}")
        try:
            found = answer.json()
        except ValueError:
            raise BotAway(f"{path} was answered with no JSON") from None
        self._met = True
        return found

    def _object(self, body: Any, path: str, field: str) -> Mapping[str, Any]:
        if not isinstance(body, Mapping) or field not in body:
            raise BotAway(f"{path} had no {field}")
        return body
