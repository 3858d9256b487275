"""Tokens of the HTTP API. Their text is never stored: only its SHA-256 and the few characters that people see."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Scope(models.TextChoices):
    """What a token may do."""

    READ = "read", "read: everything but positions' writes"
    ACT = "act", "act: acknowledge, silence, open and close events, post positions"
    TRADE = "trade", "trade: order gate"
    ADMIN = "admin", "admin: everything"
    PAIRS = "pairs", "pairs: lists of pairs alone, for URLs of bots that can only put a token there"


class ApiToken(models.Model):
    """A token. `ews_` and 43 characters of base64url, which are 256 random bits; shown once."""

    name = models.CharField(max_length=64, unique=True, help_text="Who uses it; it is in the audit log.")
    shown = models.CharField(max_length=16, help_text="The first characters, to recognise it.")
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope))
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it does not expire.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Written once a minute.")

    class Meta:
        verbose_name = "API token"
        constraints = [models.CheckConstraint(condition=~Q(scopes=[]), name="api_token_has_scopes")]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"


class StreamTicket(models.Model):
    """A one-time ticket for a stream, until it is used. Its text is never stored."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"of {self.token}, until {self.expires_at}"
