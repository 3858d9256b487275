"""Prints `.env.example` from the declared variables, so that the file cannot drift from the code."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from crypto_ews.conf.documents import env_example


class Command(BaseCommand):
    help = "Prints .env.example."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(env_example(), ending="")
