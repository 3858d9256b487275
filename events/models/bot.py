"""The stored password verifier of the role that bots log in with."""

from __future__ import annotations

from django.db import models


class BotLogin(models.Model):
    """One row: the password of `ews_bot` as PostgreSQL stores it (a verifier, with which nobody can log in).

    A role can change its password; the leader restores this one.
    """

    only_row = models.BooleanField(primary_key=True, default=True)
    verifier = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="bot_login_only_row")]

    def __str__(self) -> str:
        return f"set at {self.set_at:%Y-%m-%d %H:%M}"
