"""A newcomer gets one login, said once, and only where the database is the embedded one."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crypto_ews.conf import parse_config
from crypto_ews.management.commands.offersuperuser import offer_superuser

pytestmark = pytest.mark.django_db

EMBEDDED = parse_config({"PUBLIC_BASE_URL": "http://127.0.0.1:8000/"})
EXTERNAL = parse_config({"DATABASE_URL": "postgresql://user:s3cr3t@db.test/name"})


def test_the_login_that_is_printed_works(client: Client) -> None:
    said: list[str] = []
    assert offer_superuser(EMBEDDED, said.append)
    (text,) = said
    assert "http://127.0.0.1:8000/admin/" in text
    found = re.search(r"Password\s+(\S+)", text)
    assert found
    assert client.post("/admin/login/", {"username": "admin", "password": found.group(1)}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_it_is_said_once() -> None:
    said: list[str] = []
    assert offer_superuser(EMBEDDED, said.append)
    assert not offer_superuser(EMBEDDED, said.append)
    assert len(said) == 1


def test_two_databases_never_get_the_same_password() -> None:
    said: list[str] = []
    offer_superuser(EMBEDDED, said.append)
    User.objects.all().delete()
    offer_superuser(EMBEDDED, said.append)
    assert said[0] != said[1]


def test_on_an_external_database_nobody_is_created_and_one_line_says_how() -> None:
    said: list[str] = []
    assert not offer_superuser(EXTERNAL, said.append)
    assert not User.objects.exists()
    (line,) = said
    assert "createsuperuser" in line and "\n" not in line and "s3cr3t" not in line


def test_a_name_that_is_taken_is_left_alone() -> None:
    User.objects.create_user("admin", password="hers")
    said: list[str] = []
    assert not offer_superuser(EMBEDDED, said.append)
    assert not User.objects.get().is_superuser
    assert "createsuperuser" in said[0]
