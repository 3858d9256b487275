"""Whether a message is what Adaptive Cards 1.4 allows, by the schema beside this module."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("adaptive_card_1_4.json")


def can_check() -> bool:
    """The demo runs on what the daemon needs, without the tests' libraries."""
    return find_spec("jsonschema") is not None


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def schema_faults(message: Any) -> list[str]:
    """What the schema does not allow, each with its place in the message."""
    found = []
    for error in _validator().iter_errors(message):
        # Of an element it is said that it is none of the kinds; which kind it meant to be tells what is wrong.
        kind = error.instance.get("type") if isinstance(error.instance, dict) else None
        meant = [
            inner
            for inner in error.context or ()
            if not (inner.validator == "const" and list(inner.relative_path) == ["type"])
            and str(kind) in str(error.validator_value[inner.relative_schema_path[0]])
        ]
        place = "/".join(map(str, error.absolute_path))
        found.append(f"{place}: {(meant[0] if meant else error).message[:300]}")
    return found
