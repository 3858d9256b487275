"""Which path leads to which door. A pattern is a path, or one with names in braces: `/api/v1/risk/{asset}`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from api.doors.answers import Receive, Scope, Send
from api.problems import Problem
from api.runtime import Runtime
from api.tokens.directory import Caller

Door = Callable[[Runtime, Scope, Receive, Send], Awaitable[None]]
"""Answers a request. It finds the caller in `scope["ews_caller"]` and the names of its pattern in `scope["ews_path"]`.

It may raise Problem before it has sent anything.
"""
Redeem = Callable[[Runtime, Scope, str], Awaitable[Caller | None]]
"""Whose one-time ticket this is, which ends with it; None: nobody's."""


@dataclass(frozen=True)
class At:
    """What is at a path. methods: method → scope that it needs, and its door; HEAD and OPTIONS come by themselves.

    websocket: scope and door of a WebSocket. redeem: a ticket may stand in the URL as `ticket=`. pairs: so may a token
    with the scope `pairs` alone, as the parameter `pairs_in`.
    """

    pattern: str
    methods: Mapping[str, tuple[str, Door]] = field(default_factory=dict)
    websocket: tuple[str, Door] | None = None
    redeem: Redeem | None = None
    pairs: bool = False
    pairs_in: str = "key"

    def door(self, method: str) -> tuple[str, Door]:
        """Scope and door of a method, HEAD is GET. Raises Problem (405)."""
        found = self.methods.get("GET" if method == "HEAD" else method)
        if found is None:
            message = f"{method} is not for {self.pattern}, expected {self.allowed or 'a WebSocket'}"
            raise Problem(405, message, headers=((b"allow", self.allowed.encode()),))
        return found

    @property
    def allowed(self) -> str:
        methods = [*self.methods, *(["HEAD"] if "GET" in self.methods else []), *(["OPTIONS"] if self.methods else [])]
        return ", ".join(methods)


class Routes:
    """Finds what is at a path."""

    def __init__(self, places: Iterable[At]) -> None:
        self._exact: dict[str, At] = {}
        self._by_length: dict[int, list[tuple[list[str], At]]] = {}
        for at in places:
            if "{" in at.pattern:
                parts = at.pattern.split("/")
                self._by_length.setdefault(len(parts), []).append((parts, at))
            else:
                self._exact[at.pattern] = at

    def find(self, path: str) -> tuple[At, dict[str, str]] | None:
        """What is at a path, with the values of its pattern's names; None: no door."""
        at = self._exact.get(path)
        if at is not None:
            return at, {}
        given = path.split("/")
        for parts, at in self._by_length.get(len(given), ()):
            if all(part == value or (part[:1] == "{" and value) for part, value in zip(parts, given, strict=True)):
                names = {part[1:-1]: value for part, value in zip(parts, given, strict=True) if part[:1] == "{"}
                return at, names
        return None
