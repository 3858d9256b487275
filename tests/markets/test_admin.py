"""Watch lists in the admin: what people change, and what holds in the end."""

from __future__ import annotations

import pytest
from django.test import Client

from crypto_ews.conf import parse_config
from markets.admin import watch_list_rows
from markets.models import Asset, WatchListEntry

pytestmark = pytest.mark.django_db

ENTRIES = "/admin/markets/watchlistentry/"


def test_the_effective_lists_show_what_admins_added_and_took_out() -> None:
    WatchListEntry.objects.create(watch_list="spot", currency="FLM")
    WatchListEntry.objects.create(watch_list="spot", currency="DOGE", watched=False)
    WatchListEntry.objects.create(watch_list="usdm", currency="BTC", watched=True)
    rows = watch_list_rows(parse_config({"SPOT_CURRENCIES": "BTC DOGE", "USDM_CURRENCIES": "BTC"}))
    assert [(row["variable"], row["currencies"], row["added"], row["taken"]) for row in rows[:2]] == [
        ("SPOT_CURRENCIES", ["BTC", "FLM"], ["FLM"], ["DOGE"]),
        ("USDM_CURRENCIES", ["BTC"], [], []),
    ]


def test_a_currency_is_added_through_the_page_in_upper_case(admin_client: Client) -> None:
    admin_client.post(f"{ENTRIES}add/", {"watch_list": "spot", "currency": " flm ", "watched": "on", "note": ""})
    assert WatchListEntry.objects.get().currency == "FLM"
    assert "What is watched now" in admin_client.get(ENTRIES).content.decode()


def test_a_currency_stands_once_on_a_list(admin_client: Client) -> None:
    WatchListEntry.objects.create(watch_list="spot", currency="FLM")
    response = admin_client.post(f"{ENTRIES}add/", {"watch_list": "spot", "currency": "flm", "watched": "on"})
    assert response.status_code == 200 and response.context["errors"]
    assert WatchListEntry.objects.count() == 1


def test_an_asset_is_edited_with_its_names(admin_client: Client) -> None:
    form = {
        "code": "wojak",
        "name": "Wojak",
        "kind": "coin",
        "note": "",
        "names-TOTAL_FORMS": "1",
        "names-INITIAL_FORMS": "0",
        "names-0-venue": "BINANCE_USDM",
        "names-0-name": "1000WOJAK",
        "names-0-multiplier": "1000",
        "names-0-origin": "contract",
    }
    assert admin_client.post("/admin/markets/asset/add/", form).status_code == 302
    asset = Asset.objects.get(code="WOJAK")
    assert [(name.name, int(name.multiplier)) for name in asset.names.all()] == [("1000WOJAK", 1000)]
    assert admin_client.get(f"/admin/markets/asset/{asset.pk}/change/").status_code == 200
