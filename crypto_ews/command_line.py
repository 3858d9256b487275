"""How a person runs a command of ours, as this process was run: what messages tell people to type."""

from __future__ import annotations

import sys
from pathlib import Path


def command(arguments: str) -> str:
    """`manage.py ARGUMENTS` with the interpreter of this process, relative to the working directory where it is below.

    The interpreter's path is not resolved: behind the link of a virtual environment lies a Python without our packages.
    """
    python = Path(sys.executable)
    here = Path.cwd()
    shown = python.relative_to(here) if python.is_relative_to(here) else python
    return f"{shown} manage.py {arguments}"
