"""`.env.example`, rendered from the variables that `crypto_ews.conf` declares."""

from __future__ import annotations

import textwrap

from crypto_ews.conf import variables

_HEAD = """\
# Configuration of CRYPTO_EWS. Every variable is optional: copy this file to .env and change what you need.
# A wrong value stops the start, with all faults in one message and exit code 2.
# "Whole URL" is asked as it stands; to a "prefix" something is appended.
# This file is made by: .venv/bin/python manage.py envexample > .env.example
"""


def render() -> str:
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
