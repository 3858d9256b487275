"""From DeFiLlama's lists on loopback to events, the view and the outbox."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from alerts.models import Alert
from defillama.hacks.networks import shipped_targets
from defillama.hacks.reference import load_reference_data, load_targets
from defillama.hacks.updaters import BridgeHackUpdater, HackUpdater
from defillama.models import HackEvent, Network, ProtocolToken, SeenHack
from events.lifecycle import expire
from events.models import Effect, Event, PayloadPoll, QuarantinedItem, SourceHealth, TokenRisk
from tests.defillama.hacks.support import DAY, TODAY, Bench, ago, captured_rows
from tests.upstreams import Reply, UpstreamServer, challenge_page, cut_json
from tests.upstreams.defillama_hacks import API_PATH, BRIDGES_PATH, SITE_PATH, hack_row, site_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(server: UpstreamServer) -> Bench:
    """A system that knows one old hack already, so that whatever comes is first seen."""
    bench = Bench(server, [hack_row("Some old thing", ago(400))])
    assert bench.run().ok
    return bench


def alerts() -> list[tuple[str, str]]:
    return [
        (alert.event.natural_key.split(":", 3)[-1], alert.reason)
        for alert in Alert.objects.select_related("event").order_by("id")
        if alert.event
    ]


def at_risk() -> dict[str, str]:
    """Token → action, as the view has it after the commit."""
    effects = Effect.objects.filter(event__status="open", event__priority="high")
    return dict(effects.values_list("token", "action"))


# The view moves at commit.
@pytest.mark.django_db(transaction=True)
def test_a_hack_of_a_watched_protocol_is_told_and_its_token_is_at_exit(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Aave V3", ago(0), 42_000_000))
    assert bench.run().outcomes["opened"] == 1
    event = HackEvent.objects.get()
    assert (event.category, event.priority, event.amount_usd, event.day) == ("hack", "high", 42_000_000, TODAY.date())
    assert (event.network_tokens, event.chains) == (["ETH"], ["Ethereum"])
    row = TokenRisk.objects.get()
    assert (row.token, row.action, row.risk_level, row.categories) == ("AAVE", "exit", "critical", ["hack"])
    assert alerts() == [("aave v3", "opened")]


def test_under_a_million_the_token_is_watched(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Aave V3", ago(0), 400_000))
    bench.run()
    assert at_risk() == {"AAVE": "watch"}


def test_a_hack_on_ethereum_of_something_else_is_stored_low_and_outside_the_view(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Some Vault", ago(0), 90_000_000))
    bench.run()
    event = HackEvent.objects.get()
    assert (event.priority, event.network_tokens) == ("low", ["ETH"])
    assert at_risk() == {} and alerts() == []


def test_what_is_first_seen_late_is_news_and_open_for_a_week_from_then_on(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Aave V2", ago(90)))
    bench.run()
    assert alerts() == [("aave v2", "opened")]
    expire(bench.clock.at + timedelta(days=6, hours=23))
    assert at_risk() == {"AAVE": "exit"}
    expire(bench.clock.at + timedelta(days=7, minutes=1))
    assert at_risk() == {}
    bench.clock.forward(days=8)
    assert sum(bench.run().outcomes.values()) == 0
    assert HackEvent.objects.get().status == "closed" and len(alerts()) == 1


def test_a_first_start_tells_only_what_is_younger_than_the_look_back(server: UpstreamServer) -> None:
    rows = [hack_row("Aave V1", ago(8)), hack_row("Aave V2", ago(6)), hack_row("Aave V3", ago(0))]
    bench = Bench(server, rows)
    bench.run()
    bench.run_bridges()
    assert sorted(alerts()) == [("aave v2", "opened"), ("aave v3", "opened")]
    states = dict(SeenHack.objects.values_list("name", "state"))
    assert states == {"Aave V1": "old", "Aave V2": "news", "Aave V3": "news"}
    bench.clock.forward(minutes=5)
    assert bench.run().outcomes["opened"] == 0


def test_a_first_start_on_the_last_captured_day_opens_its_week_and_nothing_twice(server: UpstreamServer) -> None:
    rows = captured_rows()
    last = max(row["date"] for row in rows)
    bench = Bench(server, rows)
    bench.clock.at = datetime.fromtimestamp(last, UTC) + timedelta(hours=18)
    young = {(" ".join(row["name"].split()), row["date"]) for row in rows if last + 18 * 3600 - row["date"] <= 7 * DAY}
    assert bench.run().outcomes["opened"] == len(young) > 3
    assert bench.run_bridges().outcomes["opened"] == 0
    assert SeenHack.objects.count() == 536
    assert set(HackEvent.objects.values_list("day", flat=True)) <= {
        datetime.fromtimestamp(date, UTC).date() for _, date in young
    }
    told = len(alerts())
    texts = [row | {"defillamaId": row["defillamaId"] and str(row["defillamaId"])} for row in rows]
    bench.site.rows = random.Random(5).sample(texts, len(texts))
    before = list(Event.objects.order_by("pk").values())
    for run in (bench.run, bench.run_bridges, bench.run):
        bench.clock.forward(minutes=5)
        report = run()
        assert report.outcomes["opened"] == report.outcomes["updated"] == report.outcomes["rolled_forward"] == 0
    assert list(Event.objects.order_by("pk").values()) == before and len(alerts()) == told


def test_a_hack_in_both_lists_is_one_event_and_a_bridge_hack_where_one_of_them_says_so(bench: Bench) -> None:
    bench.site.bridges_answer = [hack_row("Some old bridge", ago(300), bridgeHack=True)]
    bench.run_bridges()
    bench.site.rows.append(hack_row("Aave", ago(0)))
    bench.run()
    bench.site.bridges_answer = [hack_row("Aave", ago(0), 7_000_000, bridgeHack=True)]
    bench.run_bridges()
    bench.run_bridges()
    bench.run()
    event = HackEvent.objects.get()
    assert (event.category, event.bridge_hack, event.amount_usd) == ("bridge_hack", True, 5_000_000)
    assert alerts() == [("aave", "opened"), ("aave", "updated")]


@pytest.mark.django_db(transaction=True)
def test_both_lists_read_at_the_same_moment_make_one_event_of_a_hack(server: UpstreamServer) -> None:
    names = ("Aave", "Litecoin", "Binance Bridge", *(f"P{number}" for number in range(20)))
    bench = Bench(server, [hack_row(name, ago(0), bridgeHack=True) for name in names])

    def run(updater: type[HackUpdater]) -> bool:
        try:
            return bench.run(updater).ok
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, [HackUpdater, BridgeHackUpdater])) == [True, True]
    assert HackEvent.objects.count() == SeenHack.objects.count() == len(names)
    assert all(set(row.told) == {"defillama.hacks", "defillama.bridge_hacks"} for row in SeenHack.objects.all())
    assert sorted(alerts()) == [("aave", "opened"), ("binance bridge", "opened"), ("litecoin", "opened")]


def test_a_bridge_hack_that_only_the_bridges_list_has_is_told(bench: Bench) -> None:
    bench.site.bridges_answer = [hack_row("Some old bridge", ago(300), bridgeHack=True)]
    bench.run_bridges()
    bench.site.bridges_answer = [hack_row("Binance Bridge", ago(0), 570_000_000, chain=["BSC"], bridgeHack=True)]
    assert bench.run_bridges().outcomes["opened"] == 1
    assert at_risk() == {"BNB": "exit"} and HackEvent.objects.get().category == "bridge_hack"


def test_a_second_technique_of_the_day_folds_in(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Aave", ago(0), 2_000_000))
    bench.run()
    bench.site.rows.append(hack_row("Aave", ago(0), 90_000_000, technique="Oracle Issue"))
    assert bench.run().outcomes["updated"] == 1
    event = HackEvent.objects.get()
    assert event.amount_usd == 92_000_000 and len(event.facts["techniques"]) == 2
    assert alerts() == [("aave", "opened"), ("aave", "worse")]


def test_an_amount_that_becomes_known_updates_the_event_and_a_correction_behind_the_third_digit_does_not(
    bench: Bench,
) -> None:
    bench.site.rows.append(row := hack_row("Litecoin", ago(0), None, chain=["Litecoin"], targetType="Chain"))
    bench.run()
    assert at_risk() == {"LTC": "exit"}
    row["amount"] = 310_000
    assert bench.run().outcomes["updated"] == 1
    assert at_risk() == {"LTC": "watch"}
    row["amount"] = 310_200
    assert bench.run().outcomes["updated"] == 0
    assert HackEvent.objects.get().amount_usd == 310_200
    assert [reason for _, reason in alerts()] == ["opened", "updated"]


def test_an_edit_of_a_closed_hack_changes_nothing(bench: Bench) -> None:
    bench.site.rows.append(row := hack_row("Aave", ago(0)))
    bench.run()
    expire(bench.clock.forward(days=8))
    row["amount"] = 900_000_000
    assert sum(bench.run().outcomes.values()) == 0
    assert SeenHack.objects.get(name="Aave").amount_usd == 900_000_000
    assert HackEvent.objects.get().status == "closed"


def test_a_row_that_admins_add_holds_for_an_open_hack_at_the_next_poll(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Some Vault", ago(0)))
    bench.run()
    ProtocolToken.objects.create(name="some vault", tokens=["ETH"])
    bench.run()
    assert at_risk() == {"ETH": "exit"}
    assert alerts() == [("some vault", "opened")]


def test_the_shipped_tables_are_in_the_database_and_loading_them_again_keeps_what_admins_made_of_them() -> None:
    assert load_targets() == shipped_targets()
    Network.objects.filter(name="Ethereum").update(coin="XYZ")
    load_reference_data()
    assert load_targets().network_coin("Ethereum") == "XYZ"


def test_when_the_api_fails_the_site_is_read_by_the_build_id_of_its_page(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Aave", ago(0), None))
    bench.site.api_answer = 503
    report = bench.run()
    assert report.ok and report.outcomes["opened"] == 1
    assert HackEvent.objects.get().amount_usd is None
    assert QuarantinedItem.objects.filter(source="defillama.hacks", resolved_at=None).count() == 1
    bench.site.build = "next-release"
    bench.site.rows.append(hack_row("Litecoin", ago(0), chain=["Litecoin"]))
    assert bench.run().outcomes["opened"] == 1
    sources = set(PayloadPoll.objects.values_list("source", flat=True))
    assert sources == {"defillama.hacks", "defillama.hacks.page"}
    bench.site.api_answer = None
    assert bench.run().outcomes["opened"] == 0
    assert not QuarantinedItem.objects.filter(resolved_at=None).exists()


def test_the_site_makes_nothing_forget_what_the_api_said(bench: Bench) -> None:
    bench.site.rows.append(hack_row("A new thing", ago(0), parentProtocolId="parent#aave"))
    bench.run()
    assert at_risk() == {"AAVE": "exit"}
    bench.site.api_answer = 503
    report = bench.run()
    assert report.outcomes["updated"] == report.outcomes["rolled_forward"] == 0
    assert at_risk() == {"AAVE": "exit"}


@pytest.mark.parametrize("fault", [503, 404, Reply([]), Reply({"x": 1}), challenge_page(), cut_json([{"name": "x"}])])
def test_when_neither_answers_usably_the_round_fails_and_is_not_read_as_no_news(bench: Bench, fault: Reply) -> None:
    bench.site.rows.append(hack_row("Aave", ago(0)))
    bench.site.api_answer, bench.site.site_answer = fault, 404
    assert not bench.run().ok
    assert SourceHealth.objects.get(pk="defillama.hacks").consecutive_failures == 1
    bench.site.api_answer = None
    assert bench.run().outcomes["opened"] == 1


def test_amounts_in_millions_are_noticed_and_the_source_is_said_to_drift(server: UpstreamServer) -> None:
    rows = captured_rows()
    bench = Bench(server, rows)
    bench.site.api_answer = [row | {"amount": row["amount"] and row["amount"] / 1e6} for row in rows]
    bench.site.site_answer = 404
    report = bench.run()
    assert not report.ok and "US dollars" in report.error
    assert SourceHealth.objects.get(pk="defillama.hacks").state == "drift"
    assert Event.objects.get().natural_key == "operations:drift:defillama.hacks"
    assert not SeenHack.objects.exists()


def test_drift_of_the_api_is_told_even_though_the_site_stands_in(bench: Bench) -> None:
    bench.site.rows.append(hack_row("Aave", ago(0)))
    bench.site.api_answer = Reply({"hacks": "moved"})
    report = bench.run()
    assert not report.ok and report.outcomes["opened"] == 1
    assert SourceHealth.objects.get(pk="defillama.hacks").state == "drift"
    assert sorted(alerts())[0] == ("aave", "opened")


def test_a_bad_row_is_put_aside_and_resolved_when_it_can_be_read(bench: Bench) -> None:
    bench.site.rows += [hack_row(f"P{number}", ago(300 + number)) for number in range(20)]
    bench.site.rows += [bad := hack_row("Aave", ago(0)), small := hack_row("Litecoin", ago(0), chain=["Litecoin"])]
    bad["date"], small["amount"] = "soon", 12.5
    assert bench.run().ok
    waiting = QuarantinedItem.objects.filter(source="defillama.hacks", resolved_at=None)
    assert waiting.count() == 2 and not HackEvent.objects.filter(effects__token="AAVE").exists()
    assert HackEvent.objects.get(effects__token="LTC").facts["doubtful_amounts"] == [12.5]
    bad["date"], small["amount"] = ago(0), 12_500_000
    bench.run()
    assert waiting.count() == 0 and HackEvent.objects.filter(effects__token="AAVE").exists()


def test_each_list_and_page_is_asked_at_its_own_variable(server: UpstreamServer) -> None:
    bench = Bench(server, [hack_row("Aave", ago(0))])
    bench.run()
    bench.run_bridges()
    assert [request.path for request in server.requests] == [API_PATH, BRIDGES_PATH]
    bench.site.api_answer = 503
    bench.run()
    assert [request.path for request in server.requests[2:]] == [
        API_PATH,
        f"{SITE_PATH}/hacks",
        f"{SITE_PATH}/_next/data/{bench.site.build}/hacks.json",
    ]


def test_a_recorded_answer_of_the_site_is_read_where_the_apis_is_due(bench: Bench) -> None:
    bench.site.api_answer = {"pageProps": {"data": [site_row(hack_row("Aave", ago(0)))]}}
    assert bench.run().outcomes["opened"] == 1


def test_admins_can_look_at_hacks_and_extend_the_tables(bench: Bench) -> None:
    User.objects.create_superuser("admin", password="a long enough password")
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    for page in ("network", "network/add", "protocoltoken", "protocoltoken/add", "seenhack"):
        assert client.get(f"/admin/defillama/{page}/").status_code == 200
    assert "Some old thing" in client.get("/admin/defillama/seenhack/").content.decode()
    answer = client.post(
        "/admin/defillama/network/add/",
        {"name": "Dagger", "aliases": "Dagger L1, DAG", "coin": "xdag", "canonical_bridges": "", "note": ""},
    )
    assert answer.status_code == 302
    targets = load_targets()
    assert targets.network_coin("dagger l1") == "XDAG" == targets.network_coin("DAG")
    answer = client.post(
        "/admin/defillama/protocoltoken/add/",
        {"name": "Foo", "aliases": "parent#foo", "tokens": "foo, bar", "note": ""},
    )
    assert answer.status_code == 302
    assert load_targets().protocol_tokens("Foo V2") == ("FOO", "BAR")
