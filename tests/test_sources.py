"""Every source is registered, has recorded or built payloads of each kind, and takes an upstream's fault for one."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events import registry
from events.enums import Category
from events.models import Event, SourceHealth
from events.updater import EventUpdater
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from tests.support.captures import FOLDER
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer, challenge_page, cut_json, too_many_requests
from tests.upstreams.steps import Answer

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
# These read what others have asked for, or articles that are known: they have no kind of payload of their own.
WITHOUT_A_PAYLOAD = {"binance.edits", "okx.edits", "binance.pegs", "okx.pegs", "volatility.prices"}
# Payload kind → a recorded file, or what builds one for tests, as module:name.
PAYLOADS = {
    "binance.announcements": "announcements/binance/delistwatch__article_list_query_catalog161_2026-10-04.json",
    "binance.article": "announcements/binance/delistwatch__article_detail_63415de_spot_removal_2026-10-02.json",
    "binance.products": "tests.upstreams.binance_instruments:product",
    "binance.instruments": "instruments/davijr__api_v3_exchangeInfo_2024-09-08.json.gz",
    "binance.instruments.usdm": "instruments/cryptofeed__fapi_v1_exchangeInfo_2021-07-21.json.gz",
    "binance.instruments.coinm": "tests.upstreams.binance_instruments:coinm_symbol",
    "binance.status": "tests.upstreams.binance_instruments:system_status",
    "binance.quotes": "tests.upstreams.quotes:book_tickers",
    "binance.quotes.usdm": "tests.upstreams.quotes:book_tickers",
    "kraken.instruments": "streams/cryptofeed_KRAKEN.0.gz",
    "okx.announcements": "announcements/okx/delistwatch__announcements_delistings_global_2026-10-04.json",
    "okx.article": "announcements/okx/delistwatch__okx_delist_DORA_ICX_STORJ_ZEUS_ELF_2026-09-23.trimmed.html",
    "okx.instruments": "instruments/cryptofeed__instruments_SPOT_2022-05-13.json.gz",
    "okx.status": "tests.upstreams.okx_instruments:maintenance",
    "okx.quotes.swap": "tests.upstreams.quotes:okx_tickers",
    "okx.quotes": "rest/tickers_spot_20230104.json",
    "defillama.hacks": "defillama/nbundi_hacks.json",
    "defillama.bridge_hacks": "defillama/nbundi_hacks.json",
    "defillama.stablecoins": "defillama/zachary_stablecoins_20241207.json.gz",
    "defillama.rates": "tests.upstreams.quotes:daily_rates",
    "coinmarketcap.market_pairs": "coinmarketcap/market_pairs_arker_20230128.json",
}
FAULTS: dict[str, Answer] = {
    "unavailable": 503,
    "limited": too_many_requests(120),
    "a challenge page": challenge_page(),
    "cut short": cut_json({"data": [{"code": "x" * 200}], "symbols": []}),
}


def modules_of(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.py")) if "__pycache__" not in file.parts]


def source_folders() -> list[str]:
    """Apps outside of `events` with a class that inherits from an updater."""
    found = []
    for apps in sorted(ROOT.glob("*/apps.py")):
        bases = {
            base.id
            for text in map(Path.read_text, modules_of(apps.parent))
            if "Updater" in text
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ClassDef)
            for base in node.bases
            if isinstance(base, ast.Name)
        }
        if apps.parent.name != "events" and any(name.endswith("Updater") for name in bases):
            found.append(apps.parent.name)
    return found


def updater_classes(folder: str) -> set[type[EventUpdater]]:
    """Updaters that a folder defines and that nothing is derived from."""
    classes: set[type[EventUpdater]] = set()
    for file in modules_of(ROOT / folder):
        if "EventUpdater" in file.read_text() or "Updater(" in file.read_text():
            module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
            members = [item for _, item in inspect.getmembers(module, inspect.isclass)]
            classes |= {
                item
                for item in members
                if issubclass(item, EventUpdater)
                and item.__module__ == module.__name__
                and not inspect.isabstract(item)
                and not item.__subclasses__()
            }
    return classes


@pytest.fixture(scope="module")
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as running:
        yield running


def updaters(server: UpstreamServer) -> dict[str, EventUpdater]:
    """Every registered source, pointed at the server."""
    config = loopback_config(server, TIMEOUT="3")
    client = HttpClient(deadline_s=3, user_agent="tests", now=lambda: NOW)
    factories = registry.replayed_factories()
    return {name: make(config, ArchivingFetcher(client), lambda: NOW) for name, make in factories.items()}


def test_the_source_folders_are_found() -> None:
    assert {"exchanges", "liquidity"} <= set(source_folders())


@pytest.mark.parametrize("folder", source_folders())
def test_every_updater_of_a_source_folder_is_registered_under_its_name(folder: str, server: UpstreamServer) -> None:
    registered = updaters(server)
    assert {name for name, updater in registered.items() if updater.name != name} == set()
    missing = updater_classes(folder) - {type(updater) for updater in registered.values()}
    assert updater_classes(folder) and missing == set()


def payload_kinds() -> set[str]:
    """Archive names that stand in the source folders' code: an exchange's or site's name, a dot, what is read."""
    first = {name.partition(".")[0] for name in registry.updater_factories()}
    pattern = re.compile(rf"^(?:{'|'.join(sorted(first))})(?:\.[a-z_]+)+$")
    return {
        node.value
        for folder in source_folders()
        for file in modules_of(ROOT / folder)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.match(node.value)
    } - WITHOUT_A_PAYLOAD


def test_every_kind_of_payload_has_one_that_tests_can_use() -> None:
    assert payload_kinds() == set(PAYLOADS)


@pytest.mark.parametrize("kind", sorted(PAYLOADS))
def test_a_payload_for_tests_is_there(kind: str) -> None:
    place = PAYLOADS[kind]
    if ":" in place:
        module, _, name = place.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
        return
    if not FOLDER.exists():
        pytest.skip(f"the recorded payloads are not here ({FOLDER} is absent)")
    assert (FOLDER / place).stat().st_size


@pytest.mark.django_db
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", registry.updater_factories())
def test_a_fault_of_its_upstream_is_a_failure_of_the_source_and_never_news(
    name: str, fault: str, server: UpstreamServer
) -> None:
    route = server.route("*", FAULTS[fault])
    asked = len(server.requests)
    try:
        report = updaters(server)[name].run(even_if_backing_off=True)
    finally:
        server.unroute(route)
    assert report is not None
    if len(server.requests) == asked:
        assert name in WITHOUT_A_PAYLOAD and name.endswith(".edits"), f"{name} asked for nothing"
        return
    assert not report.ok and report.error
    assert not Event.objects.exclude(category=Category.OPERATIONS).exists()
    health = SourceHealth.objects.get(pk=name)
    assert health.state == ("drift" if fault in ("a challenge page", "cut short") else "failing")
    assert health.next_attempt_at is not None and health.next_attempt_at > NOW


def test_a_third_exchange_is_one_module_one_line_of_registration_and_its_address() -> None:
    """Whoever looks for what Kraken has cost finds it in these places; those of books and trades are their apps'."""
    words = {"names.py", "clauses.py", "titles.py"}  # names of exchanges in titles, whoever publishes them
    apps = ("crypto_ews", "markets", "events", "exchanges", "alerts", "defillama", "volatility", "liquidity")
    conf = ROOT / "crypto_ews" / "conf"
    places = {
        str(file.relative_to(ROOT)): sum("kraken" in line.casefold() for line in file.read_text().splitlines())
        for app in apps
        for file in modules_of(ROOT / app)
        if file.name not in words and file not in (conf / "orderbooks.py", conf / "trades.py")
    }
    cost = {place: lines for place, lines in places.items() if lines}
    assert set(cost) == {"crypto_ews/conf/upstreams.py", "exchanges/apps.py", "exchanges/instruments/kraken.py"}
    assert cost["exchanges/apps.py"] == 1
