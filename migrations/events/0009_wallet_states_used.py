"""Effects and rules may hold the new states; what was shipped, and is open, as "deposits suspended" for both says so."""

from __future__ import annotations

from django.db import migrations, models

STATUSES = [
    ("trading", "Trading"),
    ("deposits_suspended", "Deposits Suspended"),
    ("withdrawals_suspended", "Withdrawals Suspended"),
    ("wallet_suspended", "Wallet Suspended"),
    ("delisting", "Delisting"),
    ("trading_suspended", "Trading Suspended"),
    ("delisted", "Delisted"),
]

# Until now the one word stood for whatever stops in a wallet, which with few exceptions is both. What a person declared
# is left as it is, and so are rules that an admin changed to something else. One side alone is said by the article when
# it is read again, which happens every cycle.
BOTH = """
UPDATE events_actionrule SET trading_status = 'wallet_suspended'
 WHERE category IN ('wallet_suspension', 'hard_fork', 'network_upgrade') AND stage = 'in_force'
   AND trading_status = 'deposits_suspended';
UPDATE events_effect AS effect SET trading_status = 'wallet_suspended'
  FROM events_event AS event
 WHERE event.id = effect.event_id AND event.status = 'open'
   AND event.category IN ('wallet_suspension', 'hard_fork', 'network_upgrade')
   AND effect.trading_status = 'deposits_suspended' AND NOT effect.declared ? 'trading_status';
"""
# Going back, there is one word again. What is written here must have reached the view before the table is altered.
ONE_WORD = """
UPDATE events_actionrule SET trading_status = 'deposits_suspended'
 WHERE trading_status IN ('withdrawals_suspended', 'wallet_suspended');
UPDATE events_effect SET trading_status = 'deposits_suspended', declared = declared - 'in_force_status'
 WHERE trading_status IN ('withdrawals_suspended', 'wallet_suspended') OR declared ? 'in_force_status';
UPDATE events_effect SET declared = jsonb_set(declared, '{trading_status}', '"deposits_suspended"')
 WHERE declared ->> 'trading_status' IN ('withdrawals_suspended', 'wallet_suspended');
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0008_wallet_states")]

    operations = [
        migrations.AlterField(
            model_name="actionrule",
            name="trading_status",
            field=models.CharField(choices=STATUSES, max_length=32),
        ),
        migrations.AlterField(
            model_name="effect",
            name="trading_status",
            field=models.CharField(choices=STATUSES, default="trading", max_length=32),
        ),
        migrations.AlterField(
            model_name="effect",
            name="declared",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Set by the source itself: stage, action, risk_level, trading_status, in_force_status. The rest follows from rules and clock.",
            ),
        ),
        migrations.RemoveConstraint(model_name="effect", name="effect_status_known"),
        migrations.AddConstraint(
            model_name="effect",
            constraint=models.CheckConstraint(
                condition=models.Q(("trading_status__in", [value for value, _ in STATUSES])),
                name="effect_status_known",
            ),
        ),
        migrations.RunSQL([(BOTH, None)], [(ONE_WORD, None)]),
    ]
