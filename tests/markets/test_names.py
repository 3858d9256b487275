"""What people mean by the names that they type: resolved as of a moment, repaired, or refused with a suggestion."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from crypto_ews.conf import ConfigurationError, parse_config
from crypto_ews.conf.token_names import WrongName, currency_name
from markets.identity_store import known_identity
from markets.models import WatchListEntry
from markets.names import typed_name, typed_names
from markets.shipped_assets import shipped_identity
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists, watched_stablecoins
from tests.events.admin.support import confirm

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = shipped_identity()
NOW = datetime(2026, 10, 1, tzinfo=UTC)
RENAMED = datetime(2025, 1, 13, tzinfo=UTC)
REUSED = datetime(2022, 5, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "at", "asset", "multiplier"),
    [
        ("FTM", NOW, "S", 1),
        ("ftm", RENAMED - timedelta(seconds=1), "FTM", 1),
        (" FTM ", RENAMED, "S", 1),
        ("MATIC", NOW, "POL", 1),
        ("XBT", NOW, "BTC", 1),
        ("1000SHIB", NOW, "SHIB", 1000),
        ("1000sats", NOW, "1000SATS", 1),
        ("DODOX", NOW, "DODO", 1),
        ("TSTBSC", NOW, "TST", 1),
        ("GAL", NOW, "G", 60),
        ("LUNA", REUSED - timedelta(days=18), "LUNC", 1),
        ("LUNA", REUSED, "LUNA", 1),
        ("UST", NOW, "USTC", 1),
    ],
)
def test_a_typed_name_is_the_asset_that_it_means_at_that_moment(
    typed: str, at: datetime, asset: str, multiplier: int
) -> None:
    found = typed_name(typed, SHIPPED, at)
    assert (found.asset, found.multiplier, found.known) == (asset, multiplier, True)


def test_what_nobody_knows_is_taken_as_it_stands_and_noted_with_what_is_near() -> None:
    for typed, note in (
        ("NEWCOIN", "NEWCOIN is not known in any list"),
        ("1000NEAR", "1000NEAR is not known in any list; did you mean NEAR?"),
        ("MATICS", "MATICS is not known in any list; did you mean MATIC?"),
        ("币安人生", "币安人生 is not known in any list"),
    ):
        found = typed_name(typed, SHIPPED, NOW)
        assert (found.asset, found.known, found.note) == (typed, False, note)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("BTC/USDT", "BTC"),
        ("btc/usdt", "BTC"),
        ("BTC/USDT:USDT", "BTC"),
        ("BINANCE:BTCUSDT", "BTC"),
        ("BTC-USDT-SWAP", "BTC"),
        ("BTCUSD_PERP", "BTC"),
        ("ETHUSDT", "ETH"),
        ("ETHBTC", "ETH"),
        ("1000SHIBUSDT", "1000SHIB"),
        ("\u0412\u0422\u0421", "BTC"),
        ("\u0412\u0422\u0421USDT", "BTC"),
        ("\u0391\u03a1\u03a4", "APT"),
        ("ＢＴＣ", "BTC"),
        ("BTC\u200b", "BTC"),
        ("$BTC", "BTC"),
    ],
)
def test_what_names_no_single_currency_is_refused_with_what_was_meant(typed: str, suggestion: str) -> None:
    with pytest.raises(WrongName) as refused:
        currency_name(typed)
    assert refused.value.suggestion == suggestion
    assert str(refused.value).endswith(f"did you mean {suggestion}?")


@pytest.mark.parametrize("typed", ["", " ", "BTC USDT", "BTC,ETH", "Ж", "X" * 65, "a\nb"])
def test_what_resembles_nothing_is_refused_without_a_guess(typed: str) -> None:
    with pytest.raises(WrongName) as refused:
        currency_name(typed)
    assert refused.value.suggestion == ""


@pytest.mark.parametrize("name", ["WBTC", "STETH", "UNIBTC", "BUSD", "FDUSD", "USDT", "LUSD", "1INCH", "S", "USDC.E"])
def test_coins_that_end_like_quote_assets_are_no_pairs(name: str) -> None:
    assert currency_name(name) == name


def test_a_stablecoin_may_end_like_a_quote_asset_and_a_known_asset_may_be_called_anything() -> None:
    assert currency_name("stusdt", stablecoin=True) == "STUSDT"
    assert currency_name("ETHUSDT", known={"ETHUSDT"}) == "ETHUSDT"
    with pytest.raises(WrongName):
        currency_name("BTCUSDT", stablecoin=True)


def test_several_names_are_read_at_once_and_all_wrong_ones_are_named() -> None:
    assert [name.asset for name in typed_names("ftm, S;xbt\n1000SHIB", SHIPPED, NOW)] == ["S", "BTC", "SHIB"]
    with pytest.raises(WrongName, match=r"did you mean BTC\?; .*did you mean ETH\?"):
        typed_names("BTC/USDT SOL ETHUSDT", SHIPPED, NOW)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SPOT_CURRENCIES", "ETH, BTC/USDT", "'BTC/USDT' is a pair, expected one currency; did you mean BTC?"),
        (
            "SPOT_CURRENCIES",
            "ETH BTC/USDT SOLUSDT",
            "mean BTC?; 'SOLUSDT' is a pair, expected one currency; did",
        ),
        ("USDM_CURRENCIES", '["ETHUSDT"]', "'ETHUSDT' is a pair, expected one currency; did you mean ETH?"),
        (
            "BASE_CURRENCIES",
            "\u0412\u0422\u0421",
            "Cyrillic letters in it, expected Latin letters and digits; did you mean BTC?",
        ),
        ("STABLECOINS", "USDC/USDT", "did you mean USDC?"),
        ("CURRENCY_NAMES", "BTCUSDT:bitcoin", "did you mean BTC?"),
    ],
)
def test_a_wrong_name_in_a_variable_is_named_with_variable_value_and_suggestion(
    variable: str, value: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_config({variable: value})
    assert f"{variable} was {value!r}, expected" in str(refused.value)
    assert expected in str(refused.value)


def test_a_wrong_name_in_a_variable_ends_a_command_with_exit_code_2(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "explain"]
    environment = {"PATH": "/usr/bin:/bin", "EWS_ENV_FILE": "", "SPOT_CURRENCIES": "ETHUSDT"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, input="")
    assert done.returncode == 2
    assert "SPOT_CURRENCIES was 'ETHUSDT'" in done.stderr and "did you mean ETH?" in done.stderr


def lists(*names: str) -> WatchLists:
    return WatchLists(frozenset(names), frozenset(), frozenset({"USDT", "XBT"}))


def test_both_names_of_a_renamed_coin_are_watched_from_its_day_on() -> None:
    before, after = RENAMED - timedelta(seconds=1), RENAMED
    assert lists("FTM").as_of(SHIPPED, before).spot == {"FTM"}
    assert lists("FTM").as_of(SHIPPED, after).spot == {"FTM", "S"}
    # What was opened under the old name is still of the coin that is watched.
    assert lists("S").as_of(SHIPPED, after).spot == {"FTM", "S"}
    assert {"BTC", "XBT", "USDT"} <= lists("FTM").as_of(SHIPPED, after).quotes


def test_luna_is_the_coin_that_was_called_so_then() -> None:
    collapse, later = lists("LUNA").as_of(SHIPPED, REUSED - timedelta(days=18)), lists("LUNA").as_of(SHIPPED, REUSED)
    assert collapse.currency("LUNC", "BINANCE")
    assert not later.currency("LUNC", "BINANCE") and later.currency("LUNA", "BINANCE")
    assert lists("LUNC").as_of(SHIPPED, REUSED - timedelta(days=18)).currency("LUNC", "BINANCE")


@pytest.mark.django_db
def test_an_admins_word_counts_whatever_name_it_goes_by() -> None:
    config = parse_config({"SPOT_CURRENCIES": "FTM BTC MATIC", "STABLECOINS": "UST USDC"})
    WatchListEntry.objects.create(watch_list="spot", currency="S", watched=False)
    WatchListEntry.objects.create(watch_list="spot", currency="1000SHIB")
    watch = effective_watch_lists(config, NOW)
    assert not watch.currency("S") and not watch.currency("FTM")
    assert watch.currency("POL") and watch.currency("SHIB")
    # In a replay of last year's January the entry on S is not one on FTM yet.
    assert effective_watch_lists(config, RENAMED - timedelta(days=1)).currency("FTM")
    assert {"UST", "USTC", "USDC"} <= watched_stablecoins(config, NOW)


@pytest.mark.django_db
def test_a_watch_list_refuses_a_pair_and_says_what_a_name_means(admin_client: Client) -> None:
    page = "/admin/markets/watchlistentry/add/"
    for typed, meant in (("BTC/USDT", "BTC"), ("ETHUSDT", "ETH"), ("\u0412\u0422\u0421", "BTC")):
        refused = admin_client.post(page, {"watch_list": "spot", "currency": typed, "watched": "on"})
        assert f"did you mean {meant}?" in str(refused.context["errors"])
    assert not WatchListEntry.objects.exists()
    for typed, expected in (("ftm", "FTM means S"), ("newcoin", "NEWCOIN is not known in any list")):
        added = admin_client.post(page, {"watch_list": "spot", "currency": typed, "watched": "on"}, follow=True)
        assert expected in " ".join(map(str, added.context["messages"]))
        assert expected in admin_client.get("/admin/markets/watchlistentry/").content.decode()
    assert sorted(WatchListEntry.objects.values_list("currency", flat=True)) == ["FTM", "NEWCOIN"]


@pytest.mark.django_db
def test_a_silence_is_on_the_asset_and_refuses_a_pair(admin_client: Client) -> None:
    from alerts.models import Silence

    page, until = "/admin/alerts/silence/add/", timezone.now() + timedelta(hours=2)
    form = {"until": f"{until:%Y-%m-%d %H:%M}", "reason": "known", "token": "ETHUSDT"}
    assert "did you mean ETH?" in str(admin_client.post(page, form).context["form"].errors)
    assert confirm(admin_client, page, {**form, "token": "1000shib"}).status_code == 302
    assert Silence.objects.get().token == "SHIB"


@pytest.mark.django_db
def test_a_token_is_found_by_any_name_that_it_has_or_had() -> None:
    identity = known_identity()
    assert {"FTM", "S"} <= identity.ever("ftm") and {"FTM", "S"} <= identity.ever("S")
    assert {"LUNA", "LUNC"} <= identity.ever("LUNA") and identity.ever("newcoin") == {"NEWCOIN"}


@pytest.mark.django_db
def test_an_entry_of_a_release_that_took_anything_is_shown_with_what_is_wrong_with_it(admin_client: Client) -> None:
    WatchListEntry.objects.create(watch_list="spot", currency="BTC/USDT")
    assert "did you mean BTC?" in admin_client.get("/admin/markets/watchlistentry/").content.decode()
