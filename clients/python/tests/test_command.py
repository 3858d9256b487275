"""The command `ews`: what it prints, what it returns, and what it writes for freqtrade."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import TOKEN, FakeApi, Reply, Request, Stream, can_trade, message, risk, risk_row, stamp

from ews_client import Client, EwsError
from ews_client.command import main


@pytest.fixture
def ews(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command against what a test plays: paths and their replies."""

    def run(played: Reply | Callable[[Request], Reply], *arguments: str) -> tuple[int, str, str]:
        server = serve(played)
        monkeypatch.setenv("EWS_URL", server.url)
        monkeypatch.setenv("EWS_TOKEN", TOKEN)
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(str(ended.code))
        shown = capsys.readouterr()
        assert TOKEN not in shown.out + shown.err
        return code, shown.out, shown.err

    return run


DOWN = Reply(503)
LUNA = risk_row(reasons=[{"title": "Terra halted\x1b[31m its chain"}], venues=["BINANCE"], trading_ends_at=stamp(3600))


def test_can_trade_says_it_by_its_exit_code(ews: Callable[..., tuple[int, str, str]]) -> None:
    asked = ("can-trade", "binance", "BTC/USDT")
    assert ews(Reply(body=can_trade()), *asked)[:2] == (
        0, "BINANCE BTCUSDT: may open, may close; none, fresh, as of 2026-10-01 12:00:00 UTC\n",
    )  # fmt: skip
    reasons = [{"title": "Binance Will Delist BTC"}]
    code, out, _ = ews(Reply(body=can_trade(may_open=False, action="exit", reasons=reasons)), *asked)
    assert (code, out.splitlines()[1]) == (1, "  Binance Will Delist BTC")
    assert ews(Reply(body=can_trade(status="unknown", may_open=False)), *asked)[0] == 2
    assert ews(Reply(body=can_trade(status="stale", may_open=False)), *asked)[0] == 2
    assert ews(Reply(body=can_trade(age_ms=13_000)), *asked)[0] == 2
    code, out, _ = ews(DOWN, *asked, "--json")
    body = json.loads(out)
    assert (code, body["may_open"], body["may_close"], body["fault"]) == (2, False, True, "server")


@pytest.mark.parametrize(
    "arguments",
    [(), ("can-trade",), ("can-trade", "binance"), ("risk", "--min-action", "sell"), ("watch", "--kinds", "risks"),
     ("export",), ("export", "freqtrade-blacklist"), ("--token", "x"), ("can-trade", "a", "b", "--timeout", "0")],
)  # fmt: skip
def test_what_is_not_understood_is_64(arguments: tuple[str, ...], ews: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = ews(DOWN, *arguments)
    assert (code, out) == (64, "") and err


def test_address_and_token_come_from_the_environment_or_a_file(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("EWS_URL", raising=False)
    monkeypatch.delenv("EWS_TOKEN", raising=False)
    asked = ["can-trade", "binance", "BTC/USDT"]
    assert main(asked) == 64 and "EWS_URL was not set" in capsys.readouterr().err
    monkeypatch.setenv("EWS_URL", serve(Reply(body=can_trade())).url)
    assert main(asked) == 64 and "EWS_TOKEN was not set" in capsys.readouterr().err
    (tmp_path / "token").write_text(TOKEN + "\n")
    assert main([*asked, "--token-file", str(tmp_path / "token")]) == 0
    assert main([*asked, "--token-file", str(tmp_path / "none")]) == 64
    monkeypatch.setenv("EWS_TOKEN", "ews_wrong")
    assert main(asked) == 64
    shown = capsys.readouterr()
    assert "token was of 9 characters" in shown.err and "ews_wrong" not in shown.err


def test_risk_is_a_table_for_people_and_an_object_for_programs(ews: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = ews(Reply(body=risk(LUNA)), "risk", "--venue", "BINANCE")
    assert (code, out.splitlines()) == (0, [
        "token  action  status   where    until             why",
        "LUNA   exit    trading  BINANCE  2026-10-01 13:00  Terra halted [31m its chain",
    ])  # fmt: skip
    assert err == "fresh, as of 2026-10-01 12:00:00 UTC\n"
    assert ews(Reply(body=risk()), "risk")[:2] == (0, "no risk is known\n")
    # Empty and not fresh is not "no risk".
    stale = Reply(body=risk(status="stale", stale_sources=["okx"]))
    assert ews(stale, "risk") == (2, "nothing is known\n", "stale, silent: okx, as of 2026-10-01 12:00:00 UTC\n")
    assert ews(Reply(body=risk(), headers={"X-Age-Ms": "13000"}), "risk")[0] == 2
    assert ews(DOWN, "risk") == (2, "", "ews: unknown: server: HTTP 503\n")
    one = {**risk(), "asset": "luna", "token": "LUNA", "covered": "watched", "risk": LUNA}
    code, out, _ = ews(Reply(body=one), "risk", "luna", "--json")
    assert (code, json.loads(out)["risk"]["action"]) == (0, "exit")
    strange = {**one, "covered": "unknown", "status": "unknown", "risk": None, "asset": "NOPE"}
    assert ews(Reply(body=strange), "risk", "NOPE")[:2] == (2, "nothing is known\n")


def test_watch_prints_what_changes(ews: Callable[..., tuple[int, str, str]]) -> None:
    stream = Stream(
        message("snapshot", tokens=[LUNA]),
        message("heartbeat"),
        message("risk", changed=[risk_row("ICX", action="halt")], removed=["ATOM"]),
        message("event", what="event.opened", body={"event": {"title": "Hack of X"}}),
        message("resync", why="queue"),
    )
    played = iter([stream.reply()])

    def answer(request: Request) -> Reply:
        stream.ended.set()
        return next(played, Reply(401))

    code, out, err = ews(answer, "watch")
    assert out.splitlines() == [
        "12:00:00 fresh, 1 tokens: LUNA exit",
        "12:00:00 risk ICX halt, ATOM none",
        "12:00:00 event.opened Hack of X",
        "12:00:00 resync: queue",
    ]
    assert (code, err) == (2, "ews: unknown: credentials: HTTP 401\n")


# ---------------------------------------------------------------------------------------------------------- freqtrade


def test_a_token_file_that_everybody_may_read_is_named(
    serve: Callable[..., FakeApi], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server, file = serve(Reply(body=can_trade())), tmp_path / "token"
    file.write_text(f"\ufeff{TOKEN}\r\n")
    for mode, warned in ((0o644, True), (0o640, False)):
        file.chmod(mode)
        assert main(["can-trade", "binance", "BTC/USDT", "--url", server.url, "--token-file", str(file)]) == 0
        out, err = capsys.readouterr()
        assert ("chmod o-r" in err) is warned and TOKEN not in out + err


INSTRUMENTS = [
    {"base": "MATIC", "token": "POL", "quote": "USDT", "quote_token": "USDT", "settle": "", "settle_token": ""},
    {"base": "1000SHIB", "token": "SHIB", "quote": "USDT", "quote_token": "USDT", "settle": "", "settle_token": ""},
]


def world(body: dict[str, Any], *, pair: dict[str, Any] | None = None) -> Callable[[Request], Reply]:
    """Plays the risk view, and one answer for all pairs."""

    def answer(request: Request) -> Reply:
        if request.path == "/risk":
            return Reply(body=body)
        if request.path == "/instruments":
            shared = {"as_of": stamp(), "seq": 7, "status": "fresh", "stale_sources": []}
            return Reply(body={**shared, "items": INSTRUMENTS, "next": None})
        asked = json.loads(request.body)["pairs"] if request.body else [request.query]
        bodies = [can_trade(one["exchange"], one["symbol"], **(pair or {})) for one in asked]
        if not request.body:
            return Reply(body=bodies[0])
        return Reply(body={"as_of": stamp(), "seq": 7, "status": "fresh", "answers": bodies})

    return answer


def blocked(entries: list[str], *pairs: str) -> list[str]:
    """As freqtrade's expand_pairlist reads a list."""
    compiled = [re.compile(entry, re.IGNORECASE) for entry in entries]
    return [pair for pair in pairs if any(entry.fullmatch(pair) for entry in compiled)]


def test_the_blacklist_names_coins_quotes_and_single_pairs(ews: Callable[..., tuple[int, str, str]]) -> None:
    rows = [
        risk_row("SHIB"),
        risk_row("USDC", action="avoid_new", asset_action="avoid_new"),
        risk_row("OKB", asset_action=None, venue_actions={"OKX": "halt"}),
        risk_row("BTC", action="watch", asset_action="watch", tickers=["BINANCE:BTCRON", "OKX:BTC-RON"]),
        risk_row("$A+(", asset_action="halt"),
    ]
    ron = {"symbol": "BTCRON", "quote": "RON", "may_open": False, "action": "exit", "instrument_action": "exit"}
    code, out, err = ews(world(risk(*rows), pair=ron), "export", "freqtrade-blacklist", "--venue", "BINANCE")
    entries = json.loads(out)
    assert (code, err) == (0, "")
    at_risk = ["SHIB/USDT", "1000SHIB/USDT:USDT", "ETH/USDC", "ETH/USDC:BTC", "USDC/USDT", "ETH/BTC:USDC", "BTC/RON"]
    others = ["SHIBA/USDT", "XSHIB/USDT", "ETH/USDCX", "BTC/USDT", "OKB/USDT", "ETH/USDT"]
    assert blocked(entries, *others, *at_risk, "$A+(/USDT") == [*at_risk, "$A+(/USDT"]
    # A list has its own name for a coin that was renamed elsewhere.
    code, out, _ = ews(world(risk(risk_row("POL"))), "export", "freqtrade-blacklist", "--venue", "BINANCE")
    assert blocked(json.loads(out), "MATIC/USDT", "POL/USDT", "SHIB/USDT") == ["MATIC/USDT", "POL/USDT"]
    # What ends on the day of a contract, and what is wrong with a perpetual, is not wrong with spot.
    dated = {**ron, "symbol": "BTCUSDT_261225", "venue": "BINANCE_USDM", "quote": "USDT", "settle": "USDT"}
    named = risk_row("BTC", action="watch", asset_action="watch", tickers=["BINANCE_USDM:BTCUSDT_261225"])
    perpetual = risk_row("ICX", asset_action=None, venue_actions={"BINANCE_USDM": "exit"}, categories=["delisting"])
    pairs = ["BTC/USDT", "BTC/USDT:USDT", "BTC/USDT:USDT-261225", "ICX/USDT"]
    for venue, names in (("BINANCE", []), ("BINANCE_USDM", pairs[2:]), ("binance", pairs[2:])):
        asked = world(risk(named, perpetual), pair=dated)
        out = ews(asked, "export", "freqtrade-blacklist", "--venue", venue)[1]
        assert blocked(json.loads(out), *pairs) == names, venue
    # BINANCE is the venue of spot, and BINANCE_USDM another market of its exchange: what holds on all is on all lists.
    halted = risk_row("OKB", asset_action=None, venue_actions={"BINANCE": "halt"}, categories=["exchange_halt"])
    spot = risk_row("ICX", asset_action=None, venue_actions={"BINANCE": "exit"}, categories=["delisting"])
    played = world(risk(halted, spot))
    for venue, names in (("BINANCE_USDM", ["OKB/USDT"]), ("BINANCE", ["OKB/USDT", "ICX/USDT"]), ("OKX", [])):
        out = ews(played, "export", "freqtrade-blacklist", "--venue", venue)[1]
        assert blocked(json.loads(out), "OKB/USDT", "ICX/USDT") == names, venue
    # Nothing is wrong, and that is known.
    assert ews(world(risk()), "export", "freqtrade-blacklist", "--venue", "BINANCE")[:2] == (0, "[]\n")


NOT_KNOWN: dict[str, Callable[[Request], Reply]] = {
    "down": lambda request: DOWN,
    "stale": world(risk(LUNA, status="stale", stale_sources=["okx"])),
    "unknown": world(risk(status="unknown")),
    "old": lambda request: Reply(body=risk(), headers={"X-Age-Ms": "12001"}),
    "HTML": lambda request: Reply(body=b"<html>", content_type="text/html"),
    "empty object": lambda request: Reply(body={}),
    "a null list": world(risk(tokens=None)),
    "a pair is unknown": world(risk(risk_row(tickers=["BINANCE:BTCRON"])), pair={"status": "stale"}),
    "all of the venue": world(risk(risk_row("*", asset_action=None, venue_actions={"BINANCE": "halt"}))),
}


@pytest.mark.parametrize("what", NOT_KNOWN)
def test_the_blacklist_forbids_everything_where_it_is_not_known(
    what: str, ews: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    output = tmp_path / "blacklist.json"
    output.write_text("[]")
    output.chmod(0o640)
    code, out, err = ews(
        NOT_KNOWN[what], "export", "freqtrade-blacklist", "--venue", "BINANCE", "--config", "--output", str(output)
    )
    assert json.loads(output.read_text()) == {"exchange": {"pair_blacklist": [".*"]}}
    assert (code, out) == (0 if what == "all of the venue" else 2, "")
    assert what == "all of the venue" or "every pair is on the list" in err
    assert [file.name for file in tmp_path.iterdir()] == ["blacklist.json"]
    assert output.stat().st_mode & 0o777 == 0o640


def test_a_list_that_cannot_be_written_leaves_the_old_one_and_says_so(
    ews: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    asked = ("export", "freqtrade-blacklist", "--venue", "BINANCE", "--output")
    code, _, err = ews(world(risk()), *asked, str(tmp_path / "none" / "list.json"))
    assert code == 2 and "No such file" in err
    (tmp_path / "folder").mkdir()
    code, _, err = ews(world(risk()), *asked, str(tmp_path / "folder"))
    assert code == 2 and [file.name for file in tmp_path.iterdir()] == ["folder"]


# --------------------------------------------------------------------------------------------------------------- lists


def test_lists_are_read_page_by_page_and_never_in_a_circle(serve: Callable[..., FakeApi]) -> None:
    def event(number: int) -> dict[str, Any]:
        texts = {"category": "hack", "priority": "high", "status": "open", "title": "T", "source": "s", "url": ""}
        return {"id": number, **texts, "opened_at": stamp(), "colour": "red"}

    pages = {None: ([1, 2], "a"), "a": ([3], "b"), "b": ([], None)}

    def answer(request: Request) -> Reply:
        numbers, cursor = pages[request.query.get("cursor")]
        shared = {"as_of": stamp(), "seq": 7, "status": "fresh", "stale_sources": []}
        return Reply(body={**shared, "items": [event(number) for number in numbers], "next": cursor})

    server = serve(answer)
    with Client(server.url, TOKEN, fail="closed") as client:
        found = list(client.events(priority="high", limit=2))
        assert [(one.id, one.raw["colour"]) for one in found] == [(1, "red"), (2, "red"), (3, "red")]
        assert server.requests[0].query == {"priority": "high", "limit": "2"}
        pages["b"] = ([4], "a")
        with pytest.raises(EwsError, match="in a circle"):
            list(client.events())


def test_positions_are_sent_as_one_book_and_a_refusal_is_an_error(serve: Callable[..., FakeApi]) -> None:
    book = {"account": "desk", "as_of": stamp(), "count": 1, "replaced": 3, "unresolved_count": 0, "unresolved": []}
    server = serve(Reply(body={"as_of": stamp(), "seq": 7, "status": "fresh", "stale_sources": [], "book": book}))
    with Client(server.url, TOKEN, fail="closed") as client:
        held = [{"venue": "OKX", "asset": "USDC", "quantity": Decimal("1200000.5")}]
        stored = client.positions(held)
        assert (stored.count, stored.replaced, stored.unresolved) == (1, 3, ())
    body = json.loads(server.requests[0].body)
    assert (server.requests[0].method, body["account"], body["empty"]) == ("POST", "desk", False)
    assert body["positions"] == [{"venue": "OKX", "asset": "USDC", "quantity": "1200000.5"}]
    assert body["as_of"].endswith("+00:00")
    refused = serve(Reply(422, {"detail": "row 1, quantity"}, content_type="application/problem+json"))
    with Client(refused.url, TOKEN, fail="closed") as client, pytest.raises(EwsError, match="request: HTTP 422: row 1"):
        client.positions([])


def test_the_examples_of_the_readme_run(serve: Callable[..., FakeApi]) -> None:
    readme = Path(__file__).parents[1] / "README.md"
    if not readme.exists():
        pytest.skip("the README is in the source, and not beside these tests")
    # The second is a class of freqtrade's: test_freqtrade has it.
    example, of_freqtrade = re.findall(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    assert "(TokenRiskGuard, IStrategy)" in of_freqtrade
    asked = world(risk(LUNA))
    stream = Stream(message("snapshot"))

    def answer(request: Request) -> Reply:
        if request.path != "/stream":
            return asked(request)
        stream.ended.set()
        return Reply(401) if stream.connections else stream.reply()

    server = serve(answer)
    assert "http://127.0.0.1:8000" in example
    with pytest.raises(EwsError, match="credentials"):  # where the stream of the last example ends
        exec(example.replace("http://127.0.0.1:8000", server.url), {"token": TOKEN})
    assert [request.path for request in server.requests] == ["/can-trade", "/can-trade", "/risk", "/stream", "/stream"]
