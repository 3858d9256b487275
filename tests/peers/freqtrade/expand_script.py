"""Runs in freqtrade's environment: what a list of entries becomes by its own `expand_pairlist`.

One line of JSON in: {"entries", "available"}; one line out: [the pairs, the seconds it took].
"""

from __future__ import annotations

import json
import sys
import time

from freqtrade.plugins.pairlist.pairlist_helpers import expand_pairlist

for line in sys.stdin:
    asked = json.loads(line)
    began = time.perf_counter()
    found = expand_pairlist(asked["entries"], asked["available"])
    print(json.dumps([sorted(set(found)), time.perf_counter() - began]), flush=True)
