"""`.env.example` and the page of the variables, rendered from what `crypto_ews.conf` declares."""

from __future__ import annotations

import textwrap

from crypto_ews.conf import variables

_HEAD = """\
# Configuration of CRYPTO_EWS. Every variable is optional: copy this file to .env and change what you need.
# A wrong value stops the start, with all faults in one message and exit code 2.
# "Whole URL" is requested as it is; to a "prefix" something is appended.
# This file is made by: .venv/bin/python manage.py envexample > .env.example
"""

_PAGE_HEAD = """\
# Variables

Every variable is optional, and is read from the environment or from `.env` ([.env.example](../../.env.example) is
ready to copy). A wrong value stops the start with one message that names each of them, and exit code 2. "Whole URL" is
requested as it is; to a "prefix" something is appended. This page is made by `manage.py docreference variables`.
"""


def env_example() -> str:
    """The text of `.env.example`: each variable with its meaning, commented out with its default."""
    lines = [_HEAD]
    group = ""
    for _, variable in variables():
        if variable.group != group:
            group = variable.group
            lines.append(f"\n# --- {group} {'-' * (70 - len(group))}\n")
        lines += [f"# {line}" for line in textwrap.wrap(variable.help, 110)]
        if variable.aliases:
            lines.append(f"# (also read as {', '.join(variable.aliases)})")
        lines.append(f"#{variable.name}={variable.default}\n")
    return "\n".join(lines)


def variables_page() -> str:
    """Each variable with its default and its meaning, by group."""
    lines, group = [_PAGE_HEAD], ""
    for _, variable in variables():
        if variable.group != group:
            group = variable.group
            lines += [f"## {group}\n", "| variable | default | meaning |", "| --- | --- | --- |"]
        meaning = " ".join(variable.help.split())
        if variable.aliases:
            meaning += f" (also read as {', '.join(variable.aliases)})"
        default = f"`{variable.default}`" if variable.default else ""
        lines.append(f"| `{variable.name}` | {_cell(default)} | {_cell(meaning)} |")
    text = "\n".join(lines)
    return text.replace(" |\n## ", " |\n\n## ").rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
