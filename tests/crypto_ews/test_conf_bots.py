"""MQTT_URL and MQTT_BOTS: what cannot be used is named in one line, and no line has the password."""

from __future__ import annotations

import json

import pytest

from crypto_ews.conf import ConfigurationError, parse_config

URL = "mqtt://ews:hunter2@127.0.0.1:1883"


def fault(**variables: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_config({"MQTT_URL": URL, "MQTT_BOTS": '{"bot1": ["binance:BTC-USDT"]}', **variables})
    message = str(caught.value)
    assert "hunter2" not in message
    return message


@pytest.mark.parametrize("url", [
    "http://ews:hunter2@host", "mqtt://", "mqtt://:hunter2@host", "mqtt://ews:hunter2@host:0", "mqtt://h:99999",
    "mqtt://ews:hunter2@host/topic", "mqtt://ews:hunter2@host?x=1", "mqtt://ews:hunt er2@host", "mqtt://[::1",
])  # fmt: skip
def test_an_unusable_broker_is_named_without_its_password(url: str) -> None:
    assert "MQTT_URL" in fault(MQTT_URL=url)


def test_a_password_and_an_address_may_have_any_character() -> None:
    config = parse_config({"MQTT_URL": "mqtts://e%40:p%3A%2F%C3%A9@[::1]", "MQTT_BOTS": '{"b": ["binance:币安-USDT"]}'})
    broker = config.mqtt_broker
    assert broker is not None and (broker.host, broker.port, broker.tls) == ("::1", 8883, True)
    assert (broker.user, broker.password) == ("e@", "p:/é") and "p:/é" not in repr(config)
    assert config.mqtt_bots[0].markets == (("binance", "币安-USDT"),)


@pytest.mark.parametrize(("bots", "named"), [
    ('{"bot1": ["binance:BTC-USDT"], "bot1": ["binance:ETH-USDT"]}', "bot1"),
    # hummingbot makes slashes of dots, and both would hear what one of them is told.
    ('{"bot.1": ["binance:BTC-USDT"], "bot/1": ["binance:ETH-USDT"]}', "bot/1"),
    ('{"bot+": ["binance:BTC-USDT"]}', "bot+"), ('{"#": ["binance:BTC-USDT"]}', "#"),
    ('{"bötchen": ["binance:BTC-USDT"]}', "tchen"), ('{"": ["binance:BTC-USDT"]}', "''"),
    # hummingbot takes what stands behind the first `event/` of the topic for the event's name.
    ('{"myevent": ["binance:BTC-USDT"]}', "myevent"), ('{"event.b": ["binance:BTC-USDT"]}', "event.b"),
    ('{"bot1": ["BTC-USDT"]}', "BTC-USDT"), ('{"bot1": ["binance:BTCUSDT"]}', "BTCUSDT"), ('{"bot1": []}', "bot1"),
    ('{"bot1": "binance:BTC-USDT"}', "bot1"), ('["bot1"]', "JSON object"), ("{", "JSON object"),
])  # fmt: skip
def test_bots_that_cannot_be_told_are_named(bots: str, named: str) -> None:
    message = fault(MQTT_BOTS=bots)
    assert "MQTT_BOTS" in message and named in message


@pytest.mark.parametrize("namespace", ["hbot/+", "#", "a b", "desk/event", "hbot/event/x"])
def test_a_namespace_that_hummingbot_could_not_hear(namespace: str) -> None:
    assert "MQTT_NAMESPACE" in fault(MQTT_NAMESPACE=namespace)


def test_the_namespace_is_hummingbots_own_unless_another_is_given() -> None:
    assert parse_config({}).mqtt_namespace == "hbot"


def test_a_broker_without_bots_and_bots_without_a_broker() -> None:
    assert "MQTT_BOTS" in fault(MQTT_BOTS="") and "MQTT_URL" in fault(MQTT_URL="")
    many = json.dumps({"bot1": [f"binance:T{n}-USDT" for n in range(5000)]})
    assert len(parse_config({"MQTT_URL": URL, "MQTT_BOTS": many}).mqtt_bots[0].markets) == 5000
