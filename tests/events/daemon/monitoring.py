"""The shipped dashboard and alert rules, and what they ask Prometheus for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

DOCS = Path(__file__).resolve().parents[3] / "docs"
DASHBOARD, RULES = DOCS / "operations" / "grafana.json", DOCS / "prometheus-rules.yml"
_SELECTOR = re.compile(r"\b(ews_\w+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
_BY = re.compile(r"\b(?:by|on|group_left|ignoring|without)\s*\(([^)]*)\)")


class Asked(NamedTuple):
    """What an expression asks for: each metric with the labels that it is selected by, and all labels it groups by."""

    selected: dict[str, set[str]]
    grouped: set[str]


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def panels() -> list[dict[str, Any]]:
    """Without the rows that head them."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str]]:
    """(where it stands, the expression), as Grafana sends it: with its variables set to everything."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], re.sub(r"\$(venue|source)\b", ".*", target["expr"])


def asked(expression: str) -> Asked:
    selected: dict[str, set[str]] = {}
    for name, labels in _SELECTOR.findall(expression):
        selected.setdefault(name, set()).update(_LABEL.findall(labels))
    grouped = {label.strip() for labels in _BY.findall(expression) for label in labels.split(",") if label.strip()}
    return Asked(selected, grouped - {"instance", "job", "le"})
