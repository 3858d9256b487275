"""How one environment variable is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variable:
    """How one environment variable is read, and what `.env.example` says about it."""

    name: str
    default: str
    parse: Callable[[str], Any]
    help: str
    group: str
    aliases: tuple[str, ...] = ()
    secret: bool = False


def declared(
    name: str,
    default: str,
    parse: Callable[[str], Any],
    help: str,
    group: str,
    aliases: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    # A secret must not show where the configuration is printed, in a traceback for one.
    return field(repr=not secret, metadata={"variable": Variable(name, default, parse, help, group, aliases, secret)})
