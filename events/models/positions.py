"""Positions of the desk: one book for each account, replaced as a whole. No role of a bot may read them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class PositionBook(models.Model):
    """The book of an account. It stays when it is empty, so that an older one cannot take its place."""

    account = models.CharField(max_length=64, unique=True)
    as_of = models.DateTimeField(help_text="When the positions were so, by the clock of whoever posted them.")
    received_at = models.DateTimeField()
    by = models.CharField(max_length=150, help_text="The token or person that posted it.")
    version = models.UUIDField(default=uuid.uuid4, help_text="Another one with each post.")

    class Meta:
        ordering = ("account",)
        verbose_name = "book of positions"
        verbose_name_plural = "books of positions"

    def __str__(self) -> str:
        return self.account


class Position(models.Model):
    """What an account holds of one asset at one place, or of one contract. Written by `events.positions.store`."""

    book = models.ForeignKey(PositionBook, on_delete=models.CASCADE, related_name="positions")
    row = models.PositiveIntegerField(help_text="In the book, from 1.")
    venue = models.CharField(
        max_length=64, blank=True, help_text="As in tickers where it is known, else as written; empty: on no exchange."
    )
    asset = models.CharField(max_length=64, blank=True, help_text="As written.")
    token = models.CharField(max_length=64, help_text="The asset; of a contract its base. As written if unknown.")
    symbol = models.CharField(max_length=64, blank=True, help_text="Of a pair or contract; empty for a balance.")
    tickers = ArrayField(models.TextField(), default=list, blank=True, help_text="What the symbol may mean.")
    money = ArrayField(
        models.TextField(), default=list, blank=True, help_text="Assets that a contract is quoted and settled in."
    )
    contract = models.BooleanField(default=False)
    listed = models.BooleanField(default=True, help_text="An instrument list has the symbol.")
    quantity = models.DecimalField(max_digits=38, decimal_places=18, help_text="Signed; of the asset or of contracts.")
    value_usd = models.DecimalField(
        max_digits=38, decimal_places=18, null=True, blank=True, help_text="As posted; nothing here has prices."
    )
    unresolved = ArrayField(
        models.TextField(), default=list, blank=True, help_text="What nobody knows of it: venue, asset, symbol."
    )

    class Meta:
        ordering = ("book", "row")
        constraints = [models.UniqueConstraint(fields=["book", "row"], name="position_row_once")]

    def __str__(self) -> str:
        # No quantity: texts of rows get into logs.
        return f"{self.symbol or self.token} on {self.venue or 'no exchange'}"
