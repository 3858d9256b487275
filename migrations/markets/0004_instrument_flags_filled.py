"""Fills what 0003 added: in a transaction of its own, since readers of the table would else wait for it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("markets", "0003_instrument_flags")]

    operations = [migrations.RunSQL("SELECT mend_instrument_flags(false)", migrations.RunSQL.noop)]
