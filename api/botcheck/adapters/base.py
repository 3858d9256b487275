"""What `manage.py botcheck` knows of an adapter: what it asks, and what its bot does at each fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = Mapping[str, tuple[str, str]]
"""Fault → (what the bot does when it is started then, what it does when the fault comes while it runs).

Short sentences with the bot as their subject, such as ("does not start", "opens nothing within 15 s"). Each module
`api/botcheck/adapters/<name>.py` (`-` is written `_`) has them as WORDS; docs/bots/<name>.md prints the same table, and
the peer's tests prove it.
"""


@dataclass(frozen=True)
class Adapter:
    """name: as `botcheck` takes it. asks: the paths that the bot asks, where `{venue}` and `{symbol}` are filled in.

    promise: a pair that is denied never becomes tradable under any fault.
    """

    name: str
    title: str
    asks: tuple[str, ...]
    promise: bool

    @property
    def module(self) -> str:
        """Where its words are."""
        return f"api.botcheck.adapters.{self.name.replace('-', '_')}"
