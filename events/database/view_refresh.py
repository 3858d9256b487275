"""Safety net of `token_risk_view`: triggers refresh it at every commit, and this finds out where they did not."""

from __future__ import annotations

import logging

from django.db import DEFAULT_DB_ALIAS, connections

logger = logging.getLogger(__name__)

# How often the scheduler calls `refresh_now`.
REFRESH_SECONDS = 30.0


def refresh_now(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Refresh `token_risk_view`; whether that changed it. Listeners are notified of a change.

    A change means that rows were written past the triggers, for example by a restore with triggers disabled; it is
    logged as a warning. The database user needs EXECUTE on `refresh_token_risk_view_now()`, which the view's owner has.
    Raises django.db.Error where the database cannot be reached, or the caller's transaction is not READ COMMITTED.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT refresh_token_risk_view_now()")
        (changed,) = cursor.fetchone()
    if changed:
        logger.warning("token_risk_view was stale: events or effects were written past its triggers")
    return bool(changed)
