"""`freqtrade` with its own command line, behind the fence. Runs in freqtrade's environment.

CACHE_SPEED: how many seconds pass for its caches in one second of the world.
"""

import os
import sys
import time

import fence  # noqa: F401  (before anything that may connect)
import freqtrade.util.ft_ttlcache as ft_ttlcache
from freqtrade.main import main

SPEED = float(os.environ.get("CACHE_SPEED", "1"))
BEGAN = time.time()

if __name__ == "__main__":
    # Each cache takes its timer from these defaults when it is made.
    ft_ttlcache.FtTTLCache.__init__.__defaults__ = (lambda: BEGAN + (time.time() - BEGAN) * SPEED, None)
    main(sys.argv[1:])
