"""Django on the embedded PostgreSQL, and `manage.py dburl` on both kinds of database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from crypto_ews.postgres.cluster_use import ClusterFiles, connection_url, ensure_running, status
from tests.support.postgres_cluster import ThrowawayCluster

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = """
import subprocess, sys
from pathlib import Path
import django
from django.conf import settings
from crypto_ews.postgres.cluster_use import status
folder = Path(sys.argv[1])
entry = {"ENGINE": "crypto_ews.postgres.backend", "NAME": "crypto_ews", "EWS_DATA_DIR": folder}
settings.configure(DATABASES={"default": entry}, INSTALLED_APPS=["django.contrib.contenttypes"], USE_TZ=True)
django.setup()
from django.core.management import call_command
from django.db import connection
"""


DBURL = """
import sys
import django
from django.conf import settings
from crypto_ews.conf import get_config
from crypto_ews.postgres.settings import database_settings
settings.configure(DATABASES={"default": database_settings(get_config())}, INSTALLED_APPS=["crypto_ews"])
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "dburl", *sys.argv[1:]])
"""


def django(data_dir: Path, script: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SETTINGS + script, str(data_dir)]
    return subprocess.run(command, cwd=PROJECT, input=given, capture_output=True, text=True, timeout=60)


def dburl(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-c", DBURL, *options],
        cwd=PROJECT,
        env={**inherited, "EWS_ENV_FILE": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def user_of(url: str) -> str:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (user,) = cursor.fetchone() or ("",)
    connection.close()
    return str(user)


def run_sql(url: str, sql: str) -> None:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def test_a_command_that_opens_no_database_starts_no_server(empty_dir: Path) -> None:
    done = django(empty_dir, "call_command('check')\nassert connection.vendor == 'postgresql'")
    assert done.returncode == 0, done.stderr
    assert not empty_dir.exists()


def test_migrations_test_databases_and_dbshell_work_on_the_embedded_server(data_dir: Path) -> None:
    script = """
call_command("migrate", verbosity=0)
connection.close()
name = connection.creation.create_test_db(verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("SELECT current_database(), count(*) FROM django_content_type GROUP BY 1")
    assert cursor.fetchone() == ("test_crypto_ews", 1)
connection.creation.destroy_test_db("crypto_ews", verbosity=0)
call_command("dbshell", "--", "-At")
"""
    done = django(data_dir, script, given="SELECT current_user, current_database();\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ews|crypto_ews\n"
    assert not status(data_dir).running


def test_a_server_that_was_killed_is_back_with_the_next_connection(data_dir: Path) -> None:
    script = """
import json, os, signal, time
from django.db import OperationalError
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
ready = folder / "postgresql" / "ready.json"
os.kill(json.loads(ready.read_text())["server"], signal.SIGKILL)
try:
    for _ in range(1000):
        connection.cursor().execute("SELECT 1")
        time.sleep(0.01)
except OperationalError:
    connection.close()
while ready.exists():
    time.sleep(0.01)
with connection.cursor() as cursor:
    cursor.execute("SELECT answer FROM kept")
    assert cursor.fetchone() == (42,)
"""
    done = django(data_dir, script)
    assert done.returncode == 0, done.stderr


def test_a_cluster_that_cannot_start_is_a_database_error_of_django(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    script = """
from django.db import OperationalError
try:
    connection.ensure_connection()
except OperationalError as error:
    print(error)
"""
    done = django(tmp_path / "file", script)
    assert "cannot be used" in done.stdout, done.stderr


@pytest.mark.long
def test_dburl_prints_the_owners_and_the_bots_strings_which_both_log_in(data_dir: Path) -> None:
    environment = {"EWS_DATA_DIR": str(data_dir)}
    alone = dburl(**environment)
    assert alone.returncode == 0, alone.stderr
    assert "No daemon is running" in alone.stderr

    url = connection_url(ensure_running(data_dir))
    owner = dburl(**environment)
    assert (owner.stdout.strip(), owner.stderr) == (url, "")
    assert alone.stdout == owner.stdout

    missing = dburl("--bot", **environment)
    assert missing.returncode == 1
    assert "ews_bot does not exist yet" in missing.stderr

    run_sql(url, "CREATE ROLE ews_bot NOLOGIN")
    bot = dburl("--bot", **environment)
    assert bot.returncode == 0, bot.stderr
    assert user_of(bot.stdout.strip()) == "ews_bot"
    assert dburl("--bot", **environment).stdout == bot.stdout
    assert ClusterFiles(data_dir).bot_password.stat().st_mode & 0o777 == 0o600

    fresh = dburl("--bot", "--set-password", **environment)
    assert user_of(fresh.stdout.strip()) == "ews_bot"
    with pytest.raises(psycopg2.OperationalError):
        user_of(bot.stdout.strip())
    assert dburl("--bot", **environment).stdout == fresh.stdout

    password = urlsplit(fresh.stdout.strip()).password
    assert password and password not in ClusterFiles(data_dir).server_log.read_text()


@pytest.mark.long
def test_dburl_with_a_database_of_ones_own_starts_nothing_and_says_what_it_does_not_know(empty_dir: Path) -> None:
    with ThrowawayCluster() as url:
        environment = {"DATABASE_URL": f"{url}?application_name=x", "EWS_DATA_DIR": str(empty_dir)}
        assert dburl(**environment).stdout.strip() == environment["DATABASE_URL"]

        run_sql(url, "CREATE ROLE ews_bot NOLOGIN")
        unset = dburl("--bot", **environment)
        assert urlsplit(unset.stdout.strip()).password is None
        assert "is not set" in unset.stderr and "--set-password" in unset.stderr

        fresh = dburl("--bot", "--set-password", **environment)
        assert user_of(fresh.stdout.strip()) == "ews_bot"
        assert urlsplit(fresh.stdout.strip()).query == "application_name=x"

        unknown = dburl("--bot", **environment)
        assert "is not known here" in unknown.stderr
        assert user_of(fresh.stdout.strip()) == "ews_bot"
    assert not ClusterFiles(empty_dir).home.exists()


def test_dburl_refuses_to_set_the_owners_password() -> None:
    refused = dburl("--set-password")
    assert refused.returncode == 1
    assert "--set-password is for --bot" in refused.stderr
