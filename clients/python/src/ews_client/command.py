"""The command `ews`: ask, watch and export from a shell.

The address and the token come from EWS_URL and EWS_TOKEN, or the token from a file; never from the command line, which
every user of the machine may read.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from ews_client.aio import VERSION
from ews_client.answers import ACTIONS, Answer, AssetRisk, Risks, TokenRisk
from ews_client.client import Client
from ews_client.export import NOTHING, as_json, freqtrade_blacklist, tickers_at, write
from ews_client.faults import EwsError
from ews_client.freqtrade import drive
from ews_client.messages import Heartbeat, Message, Notice, Resync, RiskChange, Snapshot, subscription

YES: Final = 0
NO: Final = 1
UNKNOWN: Final = 2
USAGE: Final = 64
"""Exit codes; 64 is EX_USAGE of sysexits.h."""

_TOKENS_AT_ONCE: Final = 20
"""That one request for instruments may name."""

_HELP = """exit codes: 0 yes, or done · 1 no: it may not be opened · 2 unknown, or failed · 64 not understood

EWS_URL is the address of the web pages (http://127.0.0.1:8000), EWS_TOKEN a token of `manage.py apitoken`. The token
is never given as an argument: every user of a machine can read those. EWS_ALLOW_HTTP=1 allows
http to other machines."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False)
    shared.add_argument("--url", help="in place of EWS_URL")
    shared.add_argument("--token-file", type=Path, help="a file that holds the token, in place of EWS_TOKEN")
    shared.add_argument("--timeout", type=float, default=5.0, help="seconds for one answer, all in all (5)")
    top = _Parser(
        prog="ews",
        description="Ask the early-warning system.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"ews {VERSION}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    risk = commands.add_parser("risk", parents=[shared], help="what is wrong, or what is wrong with one asset")
    risk.add_argument("asset", nargs="?", help="any name of an asset: LUNA, XBT")
    risk.add_argument("--venue", help="only what holds there: BINANCE, BINANCE_USDM, OKX")
    risk.add_argument("--min-action", choices=ACTIONS, help="only what is at least so strict")
    risk.add_argument("--json", action="store_true")
    risk.set_defaults(run=_risk)

    trade = commands.add_parser("can-trade", parents=[shared], help="may this pair be opened? the exit code says it")
    trade.add_argument("exchange", help="binance, okx, BINANCE_USDM")
    trade.add_argument("symbol", help="BTC/USDT, BTCUSDT, BTC-USDT-SWAP, BTC/USDT:USDT")
    trade.add_argument("--json", action="store_true")
    trade.set_defaults(run=_can_trade)

    watch = commands.add_parser("watch", parents=[shared], help="messages as they come, until it is interrupted")
    for name in ("kinds", "assets", "venues"):
        watch.add_argument(f"--{name}", default="", help="separated by commas; nothing: all")
    watch.add_argument("--json", action="store_true", help="one object a line")
    watch.set_defaults(run=_watch)

    export = commands.add_parser("export", help="lists for bots that read files")
    lists = export.add_subparsers(dest="list", required=True, metavar="LIST", parser_class=_Parser)
    black = lists.add_parser("freqtrade-blacklist", parents=[shared], help='pair_blacklist; if unknown, all: [".*"]')
    black.add_argument("--venue", required=True, help="BINANCE, BINANCE_USDM, OKX")
    black.add_argument("--min-action", choices=ACTIONS[2:], default="avoid_new", help="from where on (avoid_new)")
    black.add_argument("--config", action="store_true", help="as a piece of configuration, for add_config_files")
    black.add_argument("--output", type=Path, help="a file that is replaced at once; nothing: standard output")
    black.set_defaults(run=_blacklist)

    driven = commands.add_parser("drive", help="act in a bot for as long as it runs")
    bots = driven.add_subparsers(dest="bot", required=True, metavar="BOT", parser_class=_Parser)
    freqtrade = bots.add_parser("freqtrade", parents=[shared], help="locks for what is denied, by the bot's REST API")
    drive.arguments(freqtrade)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command, and returns its exit code."""
    given = parser().parse_args(arguments)
    try:
        with _client(given, os.environ) as client:
            run: Callable[[Client, argparse.Namespace], int] = given.run
            return run(client, given)
    except EwsError as fault:
        print(f"ews: unknown: {fault}", file=sys.stderr)
        return UNKNOWN
    except (ValueError, TypeError) as error:
        print(f"ews: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`); Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNKNOWN
    except OSError as error:
        print(f"ews: {error}", file=sys.stderr)
        return UNKNOWN
    except KeyboardInterrupt:
        return 130


def _client(given: argparse.Namespace, environment: Mapping[str, str]) -> Client:
    """Raises ValueError where address or token are missing or wrong."""
    url = given.url or environment.get("EWS_URL", "")
    if not url:
        raise ValueError("no address: EWS_URL was not set, expected such as http://127.0.0.1:8000")
    if given.token_file is not None:
        try:
            token = given.token_file.read_text(encoding="utf-8-sig").strip()
            if os.name == "posix" and given.token_file.stat().st_mode & 0o004:
                print(f"ews: every user of this machine may read {given.token_file}: chmod o-r", file=sys.stderr)
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"--token-file could not be read: {error}") from None
    elif not (token := environment.get("EWS_TOKEN", "").strip()):
        raise ValueError("no token: EWS_TOKEN was not set, expected a token of `manage.py apitoken`, or --token-file")
    allow_http = environment.get("EWS_ALLOW_HTTP") == "1"
    return Client(url, token, fail="closed", timeout=given.timeout, allow_http=allow_http)


def plain(value: Any) -> Any:
    """A result as JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _print_json(value: Any) -> None:
    print(json.dumps(plain(value), ensure_ascii=False), flush=True)


# --------------------------------------------------------------------------------------------------------------- risk


def _risk(client: Client, given: argparse.Namespace) -> int:
    if given.asset is None:
        risks = client.risks(venue=given.venue, min_action=given.min_action)
        found: Risks | AssetRisk = risks
        rows = list(risks.tokens)
    else:
        found = one = client.risk(given.asset)
        rows = [one.risk] if one.risk is not None and _asked_for(one.risk, given) else []
    if given.json:
        _print_json(found)
    else:
        known = not isinstance(found, AssetRisk) or found.covered != "unknown"
        for line in _table(rows):
            print(line)
        if not rows:
            print("no risk is known" if found.fresh and known else "nothing is known")
        print(_freshness(found.status, found.stale_sources, found.as_of), file=sys.stderr)
        if isinstance(found, AssetRisk) and found.covered != "watched":
            print(f"{given.asset} is {found.covered}: nothing is alerted for it", file=sys.stderr)
    return YES if found.fresh else UNKNOWN


def _asked_for(row: TokenRisk, given: argparse.Namespace) -> bool:
    action = row.action_at(given.venue) if given.venue else row.action
    return ACTIONS.index(action) >= ACTIONS.index(given.min_action or "none") and (not given.venue or action != "none")


def _table(rows: Sequence[TokenRisk]) -> list[str]:
    cells = [("token", "action", "status", "where", "until", "why")] if rows else []
    for row in sorted(rows, key=lambda row: (-ACTIONS.index(row.action), row.token)):
        why = str(row.reasons[0].get("title", "")) if row.reasons else ", ".join(row.categories)
        until = f"{row.trading_ends_at:%Y-%m-%d %H:%M}" if row.trading_ends_at else ""
        cells.append((row.token, row.action, row.trading_status, ",".join(row.venues) or "everywhere", until, why))
    shown = [tuple(_printable(cell) for cell in line) for line in cells]
    widths = [max(len(line[column]) for line in shown) for column in range(5)] if shown else []
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, [*widths, 0], strict=True)).rstrip() for line in shown
    ]


def _printable(text: str) -> str:
    """Titles come from elsewhere: what would steer a terminal is taken out."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return clean if len(clean) <= 90 else f"{clean[:89]}…"


def _freshness(status: str, stale_sources: Sequence[str], as_of: datetime | None) -> str:
    missing = f", silent: {', '.join(stale_sources)}" if stale_sources else ""
    return f"{status}{missing}, as of {as_of:%Y-%m-%d %H:%M:%S} UTC" if as_of else f"{status}{missing}"


# ---------------------------------------------------------------------------------------------------------- can-trade


def _can_trade(client: Client, given: argparse.Namespace) -> int:
    answer = client.can_trade(given.exchange, given.symbol)
    if given.json:
        _print_json(answer)
    else:
        print(_in_words(answer))
        for reason in answer.reasons:
            print(f"  {_printable(str(reason.get('title', '')))}")
    if answer.may_open:
        return YES
    return NO if answer.source == "server" and answer.status == "fresh" else UNKNOWN


def _in_words(answer: Answer) -> str:
    opens = "may open" if answer.may_open else "may not open"
    closes = "may close" if answer.may_close else "may not close"
    named = f"{answer.venue or answer.asked_exchange} {answer.symbol or answer.asked_symbol}"
    why = f" ({answer.problem})" if answer.problem else ""
    freshness = _freshness(answer.status, answer.stale_sources, answer.as_of)
    return f"{named}: {opens}, {closes}; {answer.action}, {freshness}{why}"


# ---------------------------------------------------------------------------------------------------------------- watch


def _watch(client: Client, given: argparse.Namespace) -> int:
    chosen = {
        name: [word for word in getattr(given, name).split(",") if word] for name in ("kinds", "assets", "venues")
    }
    subscription(**chosen)
    for message in client.watch(**chosen):
        if given.json:
            _print_json(message.raw)
        elif line := _line(message):
            print(line, flush=True)
    return UNKNOWN


def _line(message: Message) -> str | None:
    at = f"{message.at:%H:%M:%S} " if message.at else ""
    if isinstance(message, Heartbeat):
        return (
            None
            if message.status == "fresh"
            else f"{at}{_freshness(message.status, message.stale_sources, message.as_of)}"
        )
    if isinstance(message, Snapshot):
        rows = ", ".join(f"{row.token} {row.action}" for row in message.tokens) or "no risk"
        return f"{at}{message.status}, {len(message.tokens)} tokens: {rows}"
    if isinstance(message, RiskChange):
        parts = [f"{row.token} {row.action}" for row in message.changed] + [
            f"{token} none" for token in message.removed
        ]
        return f"{at}risk {', '.join(parts)}"
    if isinstance(message, Resync):
        return f"{at}resync: {_printable(message.why)}"
    if isinstance(message, Notice):
        body = message.raw.get("body")
        event = body.get("event") if isinstance(body, Mapping) else None
        title = event.get("title", "") if isinstance(event, Mapping) else ""
        return _printable(f"{at}{message.what} {title}").rstrip()
    return _printable(f"{at}{message.kind} {json.dumps(dict(message.raw), ensure_ascii=False)}")


# --------------------------------------------------------------------------------------------------------------- export


def _blacklist(client: Client, given: argparse.Namespace) -> int:
    try:
        entries, problem = _entries(client, given.venue, given.min_action)
    except EwsError as fault:
        entries, problem = list(NOTHING), str(fault)
    text = as_json(entries, given.config)
    if given.output is None:
        sys.stdout.write(text)
    else:
        write(given.output, text)
    if problem is None:
        return YES
    print(f"ews: unknown, so every pair is on the list: {problem}", file=sys.stderr)
    return UNKNOWN


def _entries(client: Client, venue: str, min_action: str) -> tuple[list[str], str | None]:
    """The list, and why it is the one that forbids everything. Raises EwsError."""
    found = client.risks(venue=venue)
    if not found.fresh:
        return list(NOTHING), _freshness(found.status, found.stale_sources, found.as_of)
    # A row says what is wrong with a coin; of the single pairs that it names each is asked for.
    asked = [tuple(ticker.split(":", 1)) for ticker in tickers_at(found.tokens, venue)]
    answers = client.can_trade_many([(place, symbol) for place, symbol in asked])
    # A name that is no instrument (any more) cannot be traded: to be unknown is its answer.
    unknown = next(
        (one for one in answers if one.status != "fresh" and not (one.rows and one.covered == "unknown")), None
    )
    if unknown is not None:
        return list(NOTHING), f"{unknown.asked_symbol} is {unknown.status} {unknown.problem or ''}".rstrip()
    strict = [one for one in answers if ACTIONS.index(one.action) >= ACTIONS.index(min_action)]
    tokens = {row.token for row in found.tokens} | {
        one for answer in strict for row in answer.rows for one in (row.base, row.quote)
    }
    return freqtrade_blacklist(
        found.tokens, strict, venue, min_action, _names_at(client, venue, tokens - {"*", ""})
    ), None


def _names_at(client: Client, venue: str, tokens: Collection[str]) -> dict[str, set[str]]:
    """What a venue's list calls these tokens today. Raises EwsError."""
    names: dict[str, set[str]] = {}
    waiting = [
        ordered[at : at + _TOKENS_AT_ONCE]
        for ordered in [sorted(tokens)]
        for at in range(0, len(ordered), _TOKENS_AT_ONCE)
    ]
    while waiting:
        asked = waiting.pop()
        try:
            items = list(client.items("instruments", venue=venue, token=asked, live=True, limit=500))
        except EwsError as fault:
            if fault.kind != "request":
                raise
            # One is no name that a list could have; the others are.
            waiting += [[token] for token in asked] if len(asked) > 1 else []
            continue
        for item in items:
            for name, token in (("base", "token"), ("quote", "quote_token"), ("settle", "settle_token")):
                if isinstance(item.get(name), str) and isinstance(item.get(token), str) and item[name]:
                    names.setdefault(item[token], set()).add(item[name])
    return names


if __name__ == "__main__":
    sys.exit(main())
