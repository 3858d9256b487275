"""Runs in freqtrade's environment: its ExternalMessageConsumer and DataProvider, which say what they have in memory.

Lines in: `{"config": …}` starts a consumer with that `external_message_consumer` section; then the names of producers,
whose pairs in memory are the answer. Lines out: the answers; and unasked, one line for each list that came into memory,
with the moment at which it was there (the clock that all processes of a machine share), and the lines of its log.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from typing import Any

import fence  # noqa: F401  (before anything that may connect)
from freqtrade.config_schema.config_schema import CONF_SCHEMA
from freqtrade.data.dataprovider import DataProvider
from freqtrade.rpc.external_message_consumer import ExternalMessageConsumer
from jsonschema import Draft4Validator

_writing = threading.Lock()


def say(**message: Any) -> None:
    with _writing:
        print(json.dumps(message), flush=True)


class Memory(DataProvider):
    """freqtrade's own, which also says when it got something."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config, None)
        self._before: dict[str, set[str]] = {}

    def _set_producer_pairs(self, pairlist: list[str], producer_name: str = "default") -> None:
        super()._set_producer_pairs(pairlist, producer_name)
        at = time.monotonic()
        before, now = self._before.get(producer_name, set()), set(pairlist)
        self._before[producer_name] = now
        gone, come = sorted(before - now), sorted(now - before)
        say(at=at, producer=producer_name, count=len(pairlist), gone=gone[:20], come=come[:20])


class Log(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(log=record.getMessage())


def main() -> None:
    first = json.loads(sys.stdin.readline())
    section = first["config"]
    schema = {**CONF_SCHEMA["definitions"]["external_message_consumer"], "definitions": CONF_SCHEMA["definitions"]}
    Draft4Validator(schema).validate(section)
    logging.getLogger("freqtrade").addHandler(Log())
    logging.getLogger("freqtrade").setLevel(logging.INFO)
    config = {"external_message_consumer": section, "runmode": "dry_run"}
    memory = Memory(config)
    consumer = ExternalMessageConsumer(config, memory)
    for line in sys.stdin:
        say(pairs=memory.get_producer_pairs(json.loads(line)))
    consumer.shutdown()


if __name__ == "__main__":
    main()
