"""Many bots (bot.py), forked from one process: what hummingbot imports takes two seconds, and is loaded once.

Reads {"start": [[instance, port], …]} first; then {"do": …, "of": [instance, …]}, which each of them is asked at once.
Answers with an object: instance → answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import IO, Any

from bot import MQTTBridgeConfigMap, Script, main, say, talk_by  # type: ignore[import-not-found]


def born(instance: str, port: int) -> tuple[int, IO[str], IO[str]]:
    """(process, what it hears, what it says) of a new bot."""
    hears, to = os.pipe()
    of, says = os.pipe()
    process = os.fork()
    if process:
        os.close(hears)
        os.close(says)
        return process, os.fdopen(to, "w", buffering=1), os.fdopen(of)
    os.close(to)
    os.close(of)
    talk_by(os.fdopen(hears), os.fdopen(says, "w"))
    asyncio.run(main(instance, MQTTBridgeConfigMap(mqtt_host="127.0.0.1", mqtt_port=port), Script))
    os._exit(0)


def keep() -> None:
    bots: dict[str, tuple[int, IO[str], IO[str]]] = {}
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        for instance, port in asked.get("start", ()):
            bots[instance] = born(instance, port)
        names = asked.pop("of", list(bots))
        for name in names:
            if "do" in asked:
                bots[name][1].write(json.dumps(asked) + "\n")
        say({name: json.loads(bots[name][2].readline()) for name in names})
    for _, to, _ in bots.values():
        to.close()
    for process, _, _ in bots.values():
        os.waitpid(process, 0)


if __name__ == "__main__":
    keep()
