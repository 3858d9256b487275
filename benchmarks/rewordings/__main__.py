"""`python -m benchmarks.rewordings`."""

from benchmarks.rewordings import main

main()
