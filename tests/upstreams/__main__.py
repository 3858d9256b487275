"""Run the loopback server in a process: `python -m tests.upstreams --port N --script FILE|demo`.

A script is a Python file, or the name of a module in this package, with a function `script(server)` that adds routes
to an UpstreamServer. The first line of output names the address; SIGINT and SIGTERM end the process with code 0.
"""

from __future__ import annotations

import argparse
import importlib
import runpy
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from tests.upstreams.server import UpstreamServer


def load_script(name: str) -> Callable[[UpstreamServer], Any]:
    """The `script` function of a file or of a module in this package. Raises ValueError where there is none."""
    try:
        space = (
            runpy.run_path(name) if name.endswith(".py") else vars(importlib.import_module(f"tests.upstreams.{name}"))
        )
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise ValueError(
            f"--script is {name!r}; expected a .py file or a module of tests.upstreams ({error})"
        ) from None
    script = space.get("script")
    if not callable(script):
        raise ValueError(f"--script is {name!r}; expected it to define a function script(server)")
    return script


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.upstreams", description="Play every upstream on loopback.")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--script", required=True, help="a .py file, or a module of tests.upstreams such as demo")
    options = parser.parse_args(arguments)
    try:
        script = load_script(options.script)
        server = UpstreamServer(options.port)
    except (ValueError, OSError, OverflowError) as error:
        print(error, file=sys.stderr)
        return 2
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    script(server)
    with server:
        print(f"listening on {server.url('')}", flush=True)
        over.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
