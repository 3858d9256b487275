"""`manage.py offersuperuser`: a first login on the embedded database, so that a newcomer gets in without a question."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from crypto_ews.command_line import command
from crypto_ews.conf import Config, get_config

USERNAME = "admin"


def offer_superuser(config: Config, write: Callable[[str], object]) -> bool:
    """Create `admin` with a random password when nobody can log in yet; whether it was created.

    Only on the embedded database: on a shared one, accounts are its owner's affair. The password is said once and
    kept nowhere but hashed.
    """
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True, is_active=True).exists():
        return False
    if config.database_url is not None:
        write(f"No superuser yet on the database of DATABASE_URL; create one with: {command('createsuperuser')}")
        return False
    if users.filter(username=USERNAME).exists():
        write(f"No active superuser, and the name {USERNAME!r} is taken; create one with: {command('createsuperuser')}")
        return False
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser(username=USERNAME, password=password)
    url = f"{config.public_base_url.rstrip('/')}/admin/"
    frame = "=" * 72
    write(
        f"{frame}\n"
        f"  The admin is at  {url}\n"
        f"  User             {USERNAME}\n"
        f"  Password         {password}\n"
        f"  It is shown this once. Change it in the admin, or with:\n"
        f"  {command('changepassword')} {USERNAME}\n"
        f"{frame}"
    )
    return True


class Command(BaseCommand):
    help = "On the embedded database: create a superuser when there is none, and print its password once."

    def handle(self, *args: Any, **options: Any) -> None:
        offer_superuser(get_config(), self.stdout.write)
