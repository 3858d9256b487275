"""Stablecoins in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from defillama.models import PeggedCoin
from tests.defillama.stablecoins.support import Bench, coin
from tests.upstreams import UpstreamServer

pytestmark = pytest.mark.django_db


def test_an_admin_gives_a_coin_its_peg_back_and_the_next_reading_keeps_it() -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("ann", "", "x"))
    with UpstreamServer() as server:
        bench = Bench(server)
        bench.read(coin(price=1.04), coin("1", "USDT", 0.97))
        row = PeggedCoin.objects.get(symbol="USDC")
        assert not row.fixed_peg
        page = client.get("/admin/defillama/peggedcoin/").content.decode()
        assert "no fixed peg" in page and "off peg" in page
        url = f"/admin/defillama/peggedcoin/{row.pk}/change/"
        assert client.post(url, {"fixed_peg": "on"}).status_code == 302
        assert client.get("/admin/defillama/currencyrate/").status_code == 200
        assert bench.read(coin(price=1.041), coin("1", "USDT", 0.97)).outcomes["opened"] == 1
    row.refresh_from_db()
    assert row.fixed_peg and row.standing == "off_peg"
