"""Prometheus' own grammar reads every expression of dashboard and rules; promtool, where it is, fires the rules."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.events.daemon.monitoring import RULES, expressions, rules
from tests.support.peers import ENVIRONMENTS

HERE = Path(__file__).parent


def wrong_in(texts: list[str]) -> list[list[str]]:
    node = shutil.which("node")
    assert node, "npm is here, node is not"
    done = subprocess.run(
        [node, str(HERE / "parse.cjs"), str(ENVIRONMENTS / "promql")],
        input="\n".join(json.dumps(text) for text in texts),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_expression_is_promql() -> None:
    found = list(expressions())
    assert len(found) > 40
    faults = {
        f"{where}: {text}": wrong
        for (where, text), wrong in zip(found, wrong_in([text for _, text in found]), strict=True)
        if wrong
    }
    assert faults == {}


def test_the_grammar_finds_what_is_wrong() -> None:
    assert all(wrong_in(["sum by (venue (ews_stream_books)", "ews_source_up{source=~}", "rate(ews_x[5q])", "a +"]))


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own tool. It comes as a program alone: built from its Go module it takes longer than all peers."""
    found = shutil.which("promtool")
    if not found:
        pytest.skip("there is no promtool on the path")
    return found


def test_promtool_takes_the_rules(promtool: str) -> None:
    done = subprocess.run([promtool, "check", "rules", str(RULES)], capture_output=True, text=True)
    assert done.returncode == 0 and f"SUCCESS: {len(rules())} rules found" in done.stdout, done.stdout + done.stderr


def test_each_rule_fires_on_what_it_is_for_and_is_quiet_otherwise(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "test", "rules", str(HERE / "rules_fire.yml")], capture_output=True, text=True, cwd=HERE
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_rule_is_left_out_there() -> None:
    written = (HERE / "rules_fire.yml").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in rules() if f"alertname: {rule['alert']}\n" not in written] == []
