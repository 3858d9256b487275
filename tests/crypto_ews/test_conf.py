"""The configuration: parsed once, every fault named, `.env.example` in step."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crypto_ews.conf import PROJECT_ROOT, ConfigurationError, parse_config, variables
from crypto_ews.conf.documents import env_example
from crypto_ews.postgres.settings import database_settings


def test_no_variable_is_needed() -> None:
    config = parse_config({})
    assert config.database_url is None
    assert config.data_dir == PROJECT_ROOT / ".data"
    assert len(config.spot_currencies) >= 30 and "BTC" in config.spot_currencies
    assert {"USDT", "USDC", "BTC"} <= set(config.base_currencies)
    assert set(config.webhook_urls.values()) == {None}
    assert config.binance_news_dict_url.startswith("https://")


def test_every_wrong_value_is_named_in_one_message() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_config(
            {
                "TIMEOUT": "soon",
                "PEG_DEVIATION_ALERT": "-1",
                "BINANCE_NEWS_DICT_URL": "ftp://x",
                "DEBUG": "perhaps",
                "SPOT_CURRENCIES": "[1, 2]",
                "CURRENCY_NAMES": "BTC=bitcoin",
                "UPDATE_REFRESH_INCREMENT_MINS": "0",
            }
        )
    message = str(caught.value)
    for name, value in {
        "TIMEOUT": "'soon'",
        "PEG_DEVIATION_ALERT": "'-1'",
        "BINANCE_NEWS_DICT_URL": "'ftp://x'",
        "DEBUG": "'perhaps'",
        "SPOT_CURRENCIES": "'[1, 2]'",
        "CURRENCY_NAMES": "'BTC=bitcoin'",
        "UPDATE_REFRESH_INCREMENT_MINS": "'0'",
    }.items():
        assert f"{name} was {value}, expected " in message


def test_a_wrong_secret_is_named_without_its_value() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_config({"CEX_WEBHOOK_URL": "not-a-url?sig=SECRET", "DATABASE_URL": "mysql://u:SECRET@h/d"})
    assert "SECRET" not in str(caught.value)
    assert "CEX_WEBHOOK_URL" in str(caught.value) and "DATABASE_URL" in str(caught.value)


@pytest.mark.parametrize("text", ["BTC, eth  SOL", '["BTC", "eth", "SOL"]', "BTC,ETH,SOL,btc"])
def test_lists_are_json_or_separated_by_commas_or_spaces(text: str) -> None:
    assert parse_config({"SPOT_CURRENCIES": text}).spot_currencies == ("BTC", "ETH", "SOL")


@pytest.mark.parametrize("text", ["btc:bitcoin, ETH:ethereum", '{"BTC": "bitcoin", "eth": "ethereum"}'])
def test_currency_names_are_json_or_pairs(text: str) -> None:
    assert dict(parse_config({"CURRENCY_NAMES": text}).currency_names) == {"BTC": "bitcoin", "ETH": "ethereum"}


def test_minutes_may_be_fractions() -> None:
    assert parse_config({"UPDATE_REFRESH_INCREMENT_MINS": "0.1"}).update_refresh_minutes == pytest.approx(0.1)


def test_the_misspelt_look_back_is_read_too() -> None:
    assert parse_config({"RELEVENT_NEWS_LOOKBACK_DAYS": "3"}).news_lookback_days == 3
    both = {"RELEVENT_NEWS_LOOKBACK_DAYS": "3", "RELEVANT_NEWS_LOOKBACK_DAYS": "4"}
    assert parse_config(both).news_lookback_days == 4


def test_the_request_deadline_is_never_over_eight_seconds() -> None:
    assert parse_config({"TIMEOUT": "60"}).request_deadline_seconds == 8
    assert parse_config({"TIMEOUT": "2.5"}).request_deadline_seconds == 2.5


def test_the_configuration_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_config({}).debug = True  # type: ignore[misc]


def test_env_example_is_what_the_code_declares() -> None:
    assert (PROJECT_ROOT / ".env.example").read_text() == env_example()


def test_env_example_taken_as_it_stands_is_the_default_configuration() -> None:
    lines = [line[1:] for line in env_example().splitlines() if line.startswith("#") and line[1:2].isupper()]
    values = dict(line.split("=", 1) for line in lines)
    assert {variable.name for _, variable in variables()} <= set(values)
    assert parse_config(values) == parse_config({})


def test_a_database_url_becomes_djangos_settings() -> None:
    config = parse_config({"DATABASE_URL": "postgresql://us%40er:p%2Fw@db.example:6543/na%20me?sslmode=require"})
    settings = database_settings(config)
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"], settings["PORT"], settings["NAME"]) == (
        "us@er",
        "p/w",
        "db.example",
        "6543",
        "na me",
    )
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_faults_end_a_command_with_exit_code_2_and_one_message(tmp_path: Path) -> None:
    environment = {**os.environ, "TIMEOUT": "soon", "SPOT_CURENCIES": "BTC", "EWS_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "TIMEOUT" in done.stderr and "SPOT_CURENCIES" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("raw", "expected"), [("24 1", (1.0, 24.0)), ("0", ()), ("1, 1, 0.5", (0.5, 1.0))])
def test_spans_in_hours_are_sorted_and_may_be_none(raw: str, expected: tuple[float, ...]) -> None:
    assert parse_config({"ALERT_REMINDER_HOURS": raw}).reminder_hours == expected


@pytest.mark.parametrize("raw", ["-1", "soon", "0 4", "9000"])
def test_spans_that_cannot_be_used_are_named(raw: str) -> None:
    with pytest.raises(ConfigurationError, match="ALERT_REPEAT_HOURS"):
        parse_config({"ALERT_REPEAT_HOURS": raw})


WRONG = {
    "SPOT_CURRENCIES": "BTC,,ETH",
    "USDM_CURRENCIES": "BTC;SOL",
    "BASE_CURRENCIES": "[USDT",
    "STABLECOINS": '["USDT", 5]',
    "CURRENCY_NAMES": "BTC",
    "SECRET_KEY": "abcde",
    "DATABASE_URL": "localhost:5432",
    "ALLOWED_HOSTS": "https://ews.example.com",
    "PORT": "80000",
    "PUBLIC_BASE_URL": "ews.example.com",
    "LOG_LEVEL": "LOUD",
    "DEBUG": "maybe",
    "DEAD_MAN_PING_URL": "ping",
    "UPDATE_REFRESH_INCREMENT_MINS": "0",
    "MANAGER_REFRESH_INCREMENT_MINS": "nan",
    "TIMEOUT": "-3",
    "PEG_DEVIATION_ALERT": "100",
    "MINIMUM_LIQUIDITY_THRESHOLD": "1e999",
    "ARCHIVE_MAX_GB": "5GB",
    "OKX_DELIST_URL": "htps://x",
    "ALERT_REMINDER_HOURS": "1;2",
    "CEX_WEBHOOK_URL": "not a url",
    "ORDERBOOK_VENUES": "mtgox",
    "WHALE_STORE_THRESHOLD": "7",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_one_line_with_the_name_and_what_is_expected(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_config({name: WRONG[name]})
    head, *lines = str(caught.value).splitlines()
    assert head == "The configuration has one fault:"
    (line,) = lines
    assert line.startswith(f"  {name} was ") and ", expected " in line and not line.endswith("expected ")


def test_all_wrong_values_together_are_a_line_each() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_config(WRONG)
    head, *lines = str(caught.value).splitlines()
    assert head == f"The configuration has {len(WRONG)} faults:" and len(lines) == len(WRONG)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("SPOT_CURENCIES", "SPOT_CURRENCIES"),
        ("SPOT_CURRENCY", "SPOT_CURRENCIES"),
        ("spot_currencies", "SPOT_CURRENCIES"),
        ("CEX_WEBHOOK", "CEX_WEBHOOK_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("EWS_DATADIR", "EWS_DATA_DIR"),
        ("RELEVANT_NEWS_LOOKBACK_DAY", "RELEVANT_NEWS_LOOKBACK_DAYS"),
    ],
)
def test_a_misspelt_name_is_named_with_the_one_that_was_meant(misspelt: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{misspelt} is no variable of ours; did you mean {meant}"):
        parse_config({misspelt: "anything"}, in_our_file=[misspelt])


def test_what_other_programs_read_is_left_alone() -> None:
    others = {
        "POSTGRES_URL": "x",
        "EMAIL_HOST": "x",
        "HOST": "x",
        "PATH": "x",
        "SECRET_TOKEN": "x",
        "TIME": "x",
        "EMAIL_USER": "x",
        "NEXT_PUBLIC_BASE_URL": "x",
        "LOGS": "x",
    }
    assert parse_config(others) == parse_config({})


def test_a_name_close_to_a_variable_that_is_set_is_somebody_elses() -> None:
    both = {"DATABASE_URI": "mysql://elsewhere", "DATABASE_URL": "postgresql://u:p@h:1/d"}
    assert parse_config(both).database_url == "postgresql://u:p@h:1/d"


def test_a_secret_key_is_long_or_left_out() -> None:
    key = "k3y-" * 5 + "abcdefghijklmnopqrstuvwxyz0123456789"
    assert parse_config({"SECRET_KEY": key}).secret_key == key
    for weak in ("abcde", "a" * 60):
        with pytest.raises(ConfigurationError) as caught:
            parse_config({"SECRET_KEY": weak})
        assert weak not in str(caught.value)


def test_links_follow_the_port_unless_the_public_address_is_given() -> None:
    assert parse_config({}).public_base_url == "http://127.0.0.1:8000"
    assert parse_config({"PORT": "8056"}).public_base_url == "http://127.0.0.1:8056"
    given = {"PORT": "8056", "PUBLIC_BASE_URL": "https://ews.example.com"}
    assert parse_config(given).public_base_url == "https://ews.example.com"


def test_the_channel_to_escalate_to_must_exist() -> None:
    with pytest.raises(ConfigurationError, match=r"ALERT_ESCALATE_TO.*one of the channels cex"):
        parse_config({"ALERT_ESCALATE_TO": "nobody"})
