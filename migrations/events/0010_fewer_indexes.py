"""Indexes that nobody reads by are taken away: each costs every write, and every connection's first `can_trade`.

Django makes a second index for LIKE on every text that is a key or refers to one, and one on the content type of
polymorphic rows. Hashes and tokens are never searched by LIKE, and events never by their content type.
"""

from django.db import migrations

UNUSED = {
    "events_effect_token_4c2ef00b_like": "events_effect (token varchar_pattern_ops)",
    "events_event_payload_id_5c506b89_like": "events_event (payload_id varchar_pattern_ops)",
    "events_event_polymorphic_ctype_id_01c93e7f": "events_event (polymorphic_ctype_id)",
    "events_sourcehealth_error_payload_id_d249c269_like": "events_sourcehealth (error_payload_id varchar_pattern_ops)",
    "events_sourcehealth_source_49ce3013_like": "events_sourcehealth (source varchar_pattern_ops)",
}


class Migration(migrations.Migration):
    # One by one, and beside whoever reads: together they would lock two tables that bots read in another order.
    atomic = False

    dependencies = [("events", "0009_wallet_states_used")]

    operations = [
        migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}", f"CREATE INDEX IF NOT EXISTS {name} ON {columns}"
        )
        for name, columns in UNUSED.items()
    ]
