"""Prints a page of `docs/reference` from what the code declares, so that the pages cannot drift."""

from __future__ import annotations

import argparse
import inspect
import re
from typing import Any, is_typeddict

from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter

from crypto_ews.conf.documents import variables_page
from events import facts

_COMMANDS = """\
# Commands

Commands are run as `.venv/bin/python manage.py …`, or as `python manage.py …` inside `make shell`. This page is made by
`manage.py docreference commands`.
"""


def _ours() -> dict[str, BaseCommand]:
    """The project's own commands, by name."""
    labels = {config.name for config in apps.get_app_configs() if "site-packages" not in config.path}
    return {
        name: load_command_class(owner, name)
        for name, owner in sorted(get_commands().items())
        if isinstance(owner, str) and owner in labels
    }


def commands_page() -> str:
    """Each command with its usage, what it does and its options."""
    lines = [_COMMANDS]
    for name, command in _ours().items():
        parser = command.create_parser("manage.py", name)
        given = [action for action in parser._actions if _is_ours(action)]
        lines += [f"## {name}\n", f"{' '.join(str(command.help).split())}\n", f"```\n{_usage(name, given)}\n```\n"]
        described = [
            f"- `{_spelling(action)}`: {' '.join((action.help or '').split())}" for action in given if action.help
        ]
        lines += [*described, ""] if described else []
    return "\n".join(lines).rstrip() + "\n"


def _is_ours(action: argparse.Action) -> bool:
    return not isinstance(action, argparse._HelpAction | argparse._VersionAction) and not (
        set(action.option_strings) & DjangoHelpFormatter.show_last
    )


def _spelling(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    shown = value if isinstance(value, str) else " ".join(value)
    shown += "…" if action.nargs in ("*", "+") else ""
    if not action.option_strings:
        return shown
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {shown}"


def _usage(name: str, given: list[argparse.Action]) -> str:
    optional = [f"[{_spelling(one)}]" for one in given if one.option_strings and not one.required]
    required = [_spelling(one) for one in given if one.option_strings and one.required]
    places = [_spelling(one) if one.nargs not in ("?", "*") else f"[{_spelling(one)}]" for one in given
              if not one.option_strings]  # fmt: skip
    return " ".join(["manage.py", name, *places, *required, *optional])


_FACTS = """\
# Facts

What the column `facts` of an event (JSON) contains, by kind: shown on cards and in replay's report, and read back by
detection. Keys never change; a key may be absent. Times are ISO 8601 in UTC. This page is made by
`manage.py docreference facts`.
"""


def facts_page() -> str:
    """Each kind of facts with its keys and their types."""
    lines = [_FACTS]
    for name, kind in vars(facts).items():
        if is_typeddict(kind) and kind.__module__ == facts.__name__:
            described = re.sub(r"\s+", " ", inspect.getdoc(kind) or "")
            types = {key: str(getattr(value, "__forward_arg__", value)) for key, value in kind.__annotations__.items()}
            rows = [f"| `{key}` | `{written.replace('|', chr(92) + '|')}` |" for key, written in types.items()]
            lines += [f"## {name}\n", f"{described}\n", "| key | type |\n| --- | --- |", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


PAGES = {"commands": commands_page, "facts": facts_page, "variables": variables_page}


class Command(BaseCommand):
    help = "Prints a page of docs/reference: what commands and variables there are."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("page", choices=sorted(PAGES), metavar="PAGE", help="commands, facts or variables")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(PAGES[options["page"]](), ending="")
