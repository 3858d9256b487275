"""Whether tables changed since they were read last: every round asks for reference data that hardly ever changes."""

from __future__ import annotations

from collections.abc import Hashable

from django.db import connection
from django.db.models import Model


def version_of(*models: type[Model]) -> Hashable:
    """A value that differs when a row of these tables was added, changed or deleted, as this transaction sees them.

    It counts rows and adds up `xmin`, the id of the transaction that wrote each (PostgreSQL, "System Columns"): some
    two milliseconds for five thousand rows, where reading them costs a hundred.
    """
    counts = " UNION ALL ".join(
        f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {connection.ops.quote_name(model._meta.db_table)}"
        for model in models
    )
    with connection.cursor() as cursor:
        cursor.execute(counts)
        rows = tuple(cursor.fetchall())
    settings = connection.settings_dict
    return (settings["HOST"], settings["PORT"], settings["NAME"], rows)
