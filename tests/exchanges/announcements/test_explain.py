"""`explain`: JSON lines in, JSON lines out, in order, whatever comes in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exchanges.announcements.explain import explain_lines
from markets.watch import WatchLists
from tests.exchanges.samples import node, tree

PROJECT = Path(__file__).resolve().parents[3]
FIELDS = [
    "event",
    "category",
    "phase",
    "priority",
    "tokens",
    "tickers",
    "important_dates",
    "trading_ends_at",
    "trading_status",
    "market",
    "rule",
    "review",
    "review_reason",
]
TITLE = "Foo Will Delist AAA on 2026-02-01"
SENTENCE = "Foo will delist AAA and remove the AAA/USDT pair at 2026-02-01 03:00 (UTC)."


def answers(*lines: Any, **watched: Any) -> list[dict[str, Any]]:
    return list(
        explain_lines([line if isinstance(line, str | bytes) else json.dumps(line) for line in lines], **watched)
    )


@pytest.mark.parametrize(
    "body", [SENTENCE, f"<p>{SENTENCE}</p>", tree(node("p", SENTENCE)), json.dumps(tree(node("p", SENTENCE)))]
)
@pytest.mark.parametrize(
    "released",
    [
        "2026-01-20T03:00:00Z",
        "2026-01-20T03:00:00.123+08:00",
        "2026-01-20 03:00:00 UTC",
        1768878000000,
        1768878000000.5,
        "1768878000000",
        "1768878000000.0",
        1768878000,
        None,
        0,
        "2026-01-20 03:00",
        "2026-01-20",
    ],
)
def test_every_form_of_body_and_release_gives_the_same_answer(body: Any, released: Any) -> None:
    (found,) = answers(
        {"exchange": "foo", "title": TITLE, "body": body, "released_at": released},
        watch=WatchLists(frozenset({"AAA"}), frozenset(), frozenset({"USDT"})),
    )
    assert list(found) == FIELDS
    assert found == {
        "event": True,
        "category": "delisting",
        "phase": "planned",
        "priority": "high",
        "tokens": ["AAA"],
        "tickers": ["AAA/USDT"],
        "important_dates": ["2026-02-01T03:00:00Z"],
        "trading_ends_at": "2026-02-01T03:00:00Z",
        "trading_status": "delisting",
        "market": "spot",
        "rule": "delisting",
        "review": False,
        "review_reason": None,
    }


@pytest.mark.parametrize("record", [{"body": None}, {"body": ""}, {}])
def test_a_title_alone_is_enough(record: dict[str, Any]) -> None:
    (found,) = answers({"exchange": "somewhere new", "title": TITLE} | record)
    assert (found["event"], found["tokens"], found["important_dates"]) == (True, ["AAA"], ["2026-02-01T00:00:00Z"])


def test_no_event_has_no_priority() -> None:
    (found,) = answers({"exchange": "foo", "title": "Foo Will List Bar (BAR)"})
    assert (found["event"], found["priority"], found["category"], found["rule"]) == (False, None, None, "listing")


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        "3",
        "null",
        '"text"',
        "{}",
        '{"title": 5}',
        '{"title": ""}',
        '{"title": "x", "exchange": 5}',
        '{"title": "x", "released_at": "yesterday"}',
        '{"title": "x", "released_at": true}',
        '{"title": "x", "released_at": false}',
        '{"title": "x", "released_at": NaN}',
        '{"title": "x", "released_at": []}',
        '{"title": "x", "released_at": "0001-01-01T00:00:00+14:00"}',
        json.dumps({"title": "x", "released_at": " " * 100_000 + "x"}),
        '{"title": "x", "released_at": 1e300}',
        '{"title": "x", "body": 7}',
        '{"title": "x", "body": "{\\"node\\": "}',
        b"\xff\xfe{}",
        "[" * 100_000,
        '{"title": "x"',
    ],
)
def test_a_line_that_cannot_be_read_answers_an_error_and_the_rest_goes_on(line: str | bytes) -> None:
    good = {"exchange": "foo", "title": TITLE}
    first, middle, last = answers(good, line, good)
    assert list(middle) == ["error"] and middle["error"].startswith("line 2: ")
    assert first == last and first["event"]


def test_a_date_without_a_year_takes_it_from_the_foot_of_the_body_when_nothing_else_says() -> None:
    body = "<p>Foo will delist AAA at 6:00 am UTC on February 3.</p><p>Foo Team</p><p>2026-01-20</p>"
    (dated,) = answers({"exchange": "foo", "title": "Foo Will Delist AAA", "body": body})
    assert dated["important_dates"] == ["2026-02-03T06:00:00Z"]
    (undated,) = answers(
        {"exchange": "foo", "title": "Foo Will Delist AAA", "body": "Foo will delist AAA at 6:00 am UTC on February 3."}
    )
    assert (undated["event"], undated["important_dates"]) == (True, [])


@pytest.mark.parametrize("released", [1768878000, 1768878000000, "1768878000", "2026-01-20T11:00:00+08:00"])
def test_seconds_milliseconds_and_text_are_the_same_release(released: Any) -> None:
    (found,) = answers(
        {
            "title": "Foo Will Delist AAA",
            "body": "Foo will delist AAA at 6:00 am UTC on February 3.",
            "released_at": released,
        }
    )
    assert found["important_dates"] == ["2026-02-03T06:00:00Z"]


def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_a_line() -> None:
    line = json.dumps({"title": TITLE}).encode()
    first, second = answers(b"\xef\xbb\xbf" + line + b"\r\n", line)
    assert first == second and first["event"]


def test_answers_stream() -> None:
    def lines() -> Any:
        yield json.dumps({"title": TITLE})
        raise AssertionError("asked for more than was answered")

    assert next(explain_lines(lines()))["event"]


@pytest.mark.long
def test_the_command_reads_a_file_or_standard_input_and_exits_with_zero(tmp_path: Path) -> None:
    given = tmp_path / "lines.jsonl"
    given.write_text(
        json.dumps({"exchange": "foo", "title": TITLE})
        + "\nbroken\n\n"
        + json.dumps({"exchange": "foo", "title": "恶俗企鹅"})
        + "\n",
        encoding="utf-8",
    )
    # An address that nobody answers on: the command must not open a database.
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:9/none",
        "EWS_DATA_DIR": str(tmp_path / "data"),
        "PYTHONIOENCODING": "ascii",
    }
    for arguments, stdin in (([str(given)], None), ([], given.read_bytes())):
        done = subprocess.run(
            [sys.executable, "manage.py", "explain", *arguments],
            cwd=PROJECT,
            env=environment,
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [next(iter(answer)) for answer in found] == ["event", "error", "event"]
        assert found[0]["tokens"] == ["AAA"]


def explain_command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "explain", *arguments],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:9/none"},
        capture_output=True,
        timeout=60,
        check=False,
        **options,
    )


@pytest.mark.long
def test_an_unreadable_file_is_one_line_and_exit_code_two(tmp_path: Path) -> None:
    for name in (tmp_path / "missing.jsonl", tmp_path):
        done = explain_command(str(name))
        assert (done.returncode, done.stdout) == (2, b"")
        said = done.stderr.decode().splitlines()
        assert len(said) == 1 and str(name) in said[0]


def test_an_unknown_exchange_is_reported_once_on_the_error_stream_and_still_read() -> None:
    lines = [{"exchange": name, "title": TITLE} for name in ("binance", "binnance", "OKX", "binnance")]
    done = explain_command(input="\n".join(map(json.dumps, lines)).encode())
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == [True] * 4
    (said,) = done.stderr.decode().splitlines()
    assert said.startswith("line 2: unknown exchange 'binnance'") and "known: binance," in said


def test_an_empty_input_answers_nothing() -> None:
    done = explain_command(input=b"\n  \n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    given = tmp_path / "lines.jsonl"
    given.write_text((json.dumps({"title": TITLE}) + "\n") * 2_000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "manage.py", "explain", str(given)],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        assert json.loads(running.stdout.readline())["event"]
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == 0
