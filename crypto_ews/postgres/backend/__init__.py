"""A Django database engine: PostgreSQL, embedded."""
