"""Deposits, withdrawals and the whole wallet suspended are three states: two words more for `trading_status`.

A value added to an enum can only be used once its transaction is over, so that this stands by itself and in none. Bots
that read meanwhile are not held up: nothing but the type is locked. The order of declaration is the severity.
"""

from __future__ import annotations

from django.db import migrations

ADD = (
    "ALTER TYPE trading_status ADD VALUE IF NOT EXISTS 'withdrawals_suspended' AFTER 'deposits_suspended'",
    "ALTER TYPE trading_status ADD VALUE IF NOT EXISTS 'wallet_suspended' AFTER 'withdrawals_suspended'",
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("events", "0007_lives")]

    # PostgreSQL takes no value out of an enum again; one that nothing uses harms nobody.
    operations = [migrations.RunSQL([(statement, None) for statement in ADD], migrations.RunSQL.noop)]
