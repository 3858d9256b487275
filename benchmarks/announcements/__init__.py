"""Detection quality of the announcement reader: `python -m benchmarks.announcements`."""
