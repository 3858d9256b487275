"""Programs of others, some under the GPL, are in no environment and in no module of ours."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PEERS = ("freqtrade", "nautilus_trader", "hummingbot", "commlib", "ccxt", "amqtt")
COPYLEFT = {"freqtrade", "nautilus_trader", "commlib"}
APPS = ("crypto_ews", "markets", "events", "exchanges", "streams", "defillama", "volatility", "liquidity", "orderbooks",
        "alerts", "api", "board", "demo", "benchmarks")  # fmt: skip


_IMPORT = re.compile(rf"^\s*(?:import|from)\s+({'|'.join(PEERS)})\b", re.MULTILINE)


def imported(file: Path) -> set[str]:
    """The peers that a file imports, wherever in it."""
    return set(_IMPORT.findall(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("peer", PEERS)
def test_no_peer_is_in_our_environment(peer: str) -> None:
    assert find_spec(peer) is None, f"{peer} belongs into an environment of its own: tests/peers/requirements"
    written = re.compile(rf"^{peer.replace('_', '[-_]')}\b", re.IGNORECASE | re.MULTILINE)
    for file in ROOT.glob("requirements*.txt"):
        assert not written.search(file.read_text(encoding="utf-8")), f"{file.name} names {peer}"


def test_nothing_of_ours_imports_a_peer() -> None:
    ours = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    assert {str(file) for file in ours if imported(file)} == set()
    client = list((ROOT / "clients/python/src").rglob("*.py"))
    assert {str(file) for file in client if imported(file) & COPYLEFT} == set()


def test_the_page_names_the_licence_of_every_peer() -> None:
    page = (ROOT / "docs/bots/README.md").read_text(encoding="utf-8")
    pinned = re.findall(
        r"^(freqtrade|ccxt|amqtt|aiomqtt|nautilus_trader|hummingbot|commlib-py)==([\d.]+)",
        "\n".join(file.read_text(encoding="utf-8") for file in [*(ROOT / "tests/peers/requirements").rglob("*.txt"),
                                                                ROOT / "requirements-mqtt.txt"]),
        re.MULTILINE,
    )  # fmt: skip
    assert len(pinned) >= 5
    for name, version in pinned:
        assert f"| {name} {version}" in page, f"docs/bots/README.md has no licence of {name} {version}"
