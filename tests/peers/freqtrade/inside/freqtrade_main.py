"""`freqtrade` with its own command line, behind the fence. Runs in freqtrade's environment."""

import sys

import fence  # noqa: F401  (before anything that may connect)
from freqtrade.main import main

if __name__ == "__main__":
    main(sys.argv[1:])
