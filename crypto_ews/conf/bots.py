"""What tells trading bots of risk by itself: the MQTT broker of hummingbot.

No message of this module repeats a URL: it may have a password.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from crypto_ews.conf.values import ConfigurationFault, server_parts
from crypto_ews.conf.variable import declared

BOTS = "Bots"

# Letters of topics that hummingbot subscribes to (commlib-py, `TOPIC_REGEX`).
_NAME = re.compile(r"[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)*")
_MARKET = re.compile(r"(?P<connector>[A-Za-z0-9_]+):(?P<pair>[^\s:,=]+-[^\s:,=-]+)")
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True)
class Broker:
    """An MQTT broker. tls: its certificate is checked against the system's authorities."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class BotMarkets:
    """A hummingbot and what it trades: (connector, pair), both as hummingbot writes them."""

    instance: str
    markets: tuple[tuple[str, str], ...]


def optional_broker(raw: str) -> Broker | None:
    """`mqtt://user:password@host:1883`, or `mqtts://`. Raises ValueError."""
    if not raw:
        return None
    expected = "mqtt:// or mqtts:// and user:password@host:port, special characters percent-encoded"
    parts, port = server_parts(raw, _PORTS, expected)
    if parts.query or parts.fragment or re.search(r"\s", raw):
        raise ValueError(expected)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not user:
        raise ValueError(f"{expected}; a password needs a user")
    return Broker(str(parts.hostname), port, parts.scheme == "mqtts", user, password)


def namespace(raw: str) -> str:
    """The first part of the topics. A slash or dot at its end is dropped, as hummingbot drops it. Raises ValueError."""
    name = raw[:-1] if raw[-1:] in ("/", ".") else raw
    if not _NAME.fullmatch(name) or _hides_the_event(name):
        raise ValueError(
            "letters, digits, - and _, such as hbot (mqtt_namespace of hummingbot's conf_client.yml), not event at its "
            "end"
        )
    return name


def bots(raw: str) -> tuple[BotMarkets, ...]:
    """A JSON object: instance id → list of "connector:PAIR". Raises ValueError that names what cannot be used."""
    if not raw:
        return ()
    expected = 'a JSON object such as {"bot1": ["binance:BTC-USDT", "binance_perpetual:ETH-USDT"]}'
    try:
        given = json.loads(raw, object_pairs_hook=_no_repeats)
    except json.JSONDecodeError as error:
        raise ValueError(f"{expected} ({error.msg} at character {error.pos})") from None
    if not isinstance(given, dict):
        raise ValueError(expected)
    found = tuple(BotMarkets(_instance(name), _markets(name, markets)) for name, markets in given.items())
    topics: dict[str, str] = {}
    for bot in found:
        other = topics.setdefault(bot.instance.replace(".", "/"), bot.instance)
        if other != bot.instance:
            raise ValueError(f"a topic for each instance ({other!r} and {bot.instance!r} have the same one)")
    return found


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"each instance once ({twice!r} stands there twice)")
    return dict(pairs)


def _instance(name: str) -> str:
    if not _NAME.fullmatch(name) or _hides_the_event(name):
        raise ValueError(
            f"instance ids of letters, digits, - and _, as in hummingbot's instance_id, none that ends with event "
            f"(not {name!r})"
        )
    return name


def _hides_the_event(name: str) -> bool:
    """hummingbot takes what stands behind the topic's first `event/` for the event's name."""
    return "event/" in name.replace(".", "/") + "/"


def _markets(instance: str, given: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, list) or not given:
        raise ValueError(f'for {instance!r} a list of markets such as ["binance:BTC-USDT"]')
    found: dict[tuple[str, str], None] = {}
    for one in given:
        match = _MARKET.fullmatch(one) if isinstance(one, str) and one.isprintable() else None
        if match is None:
            raise ValueError(
                f"for {instance!r} markets as hummingbot writes them, connector:BASE-QUOTE, such as binance:BTC-USDT "
                f"(could not use {one!r})"
            )
        found[match["connector"], match["pair"]] = None
    return tuple(found)


@dataclass(frozen=True)
class BotVariables:
    """Of the group Bots."""

    mqtt_broker: Broker | None = declared(
        "MQTT_URL",
        "",
        optional_broker,
        "the broker over which hummingbot is told of risk: mqtt://user:password@host:1883, or mqtts://… (encrypted); "
        "needs the package aiomqtt (requirements-mqtt.txt); empty: nothing is sent",
        BOTS,
        secret=True,
    )
    mqtt_bots: tuple[BotMarkets, ...] = declared(
        "MQTT_BOTS",
        "",
        bots,
        "each hummingbot by its instance id, with the markets that it trades, as hummingbot writes them: a JSON "
        'object. Example: {"bot1": ["binance:BTC-USDT", "binance_perpetual:ETH-USDT"]}',
        BOTS,
    )
    mqtt_namespace: str = declared(
        "MQTT_NAMESPACE",
        "hbot",
        namespace,
        "the first part of the topics, as mqtt_namespace in hummingbot's conf_client.yml",
        BOTS,
    )

    def bot_faults(self) -> Iterator[ConfigurationFault]:
        """What does not go together."""
        if self.mqtt_broker and not self.mqtt_bots:
            yield ConfigurationFault("MQTT_BOTS", "empty", "the bots and their markets, as MQTT_URL names a broker")
        if self.mqtt_bots and not self.mqtt_broker:
            yield ConfigurationFault("MQTT_URL", "empty", "a broker, as MQTT_BOTS names bots")
