"""How times, numbers and dates are written and read, in every page: 24 hours, UTC, year first."""
