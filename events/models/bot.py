"""What is remembered of the role that bots log in with."""

from __future__ import annotations

from django.db import models


class BotLogin(models.Model):
    """One row: the password of `ews_bot` as PostgreSQL keeps it (a verifier, from which nobody can log in).

    A role may change its own password; the leader puts this one back.
    """

    only_row = models.BooleanField(primary_key=True, default=True)
    verifier = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="bot_login_only_row")]

    def __str__(self) -> str:
        return f"set at {self.set_at:%Y-%m-%d %H:%M}"
