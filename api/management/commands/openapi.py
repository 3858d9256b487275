"""Prints the OpenAPI document of the HTTP API, as `docs/openapi.json` has it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from api.rest.document import text


class Command(BaseCommand):
    help = "Prints the OpenAPI document of the HTTP API, as docs/openapi.json has it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(text(), ending="")
