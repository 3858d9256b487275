"""Runs in freqtrade's environment: its ExternalMessageConsumer and DataProvider, which say what they have in memory.

Lines in: `{"config": …}` starts a consumer with that `external_message_consumer` section; "pairs" asks what is in
memory; "end" shuts down. Lines out: the answers; and unasked, one line for each list that came into memory, with the
moment at which it was there (the clock that all processes of a machine share), and the lines of its log.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from typing import Any

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
        self._before: set[str] = set()

    def _set_producer_pairs(self, pairlist: list[str], producer_name: str = "default") -> None:
        super()._set_producer_pairs(pairlist, producer_name)
        at = time.monotonic()
        now = set(pairlist)
        gone, come = sorted(self._before - now), sorted(now - self._before)
        self._before = now
        say(at=at, count=len(pairlist), gone=gone[:20], come=come[:20])


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
        asked = json.loads(line)
        if asked == "end":
            break
        say(pairs=memory.get_producer_pairs(asked))
    consumer.shutdown()


if __name__ == "__main__":
    main()
