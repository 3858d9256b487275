"""Makes the dump of a release for `test_upgrade`: `python -m tests.upgrades.make_dump tests/upgrades/release_0_2.sql`.

Run once with the code of each release, before the next migration is added; the file is committed and never made anew,
because a later code could not write what that release wrote. A throw-away PostgreSQL is migrated, every table filled
(`filling`), and the whole dumped as SQL that any PostgreSQL from 14 on reads over a plain connection:

- no owner and no role but `ews_bot`, whose grants are part of what is tested, and `ews_ledger`;
- INSERTs, no COPY and no instruction to psql;
- no setting that an older server does not know.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.support.postgres_cluster import ThrowawayCluster

# The moment that the rows are of: fixed, so that a dump differs only by what the code made of it.
AS_OF = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_HEAD = """\
-- A database of release {release} with a row of everything, made by tests/upgrades/make_dump.py. Never edited.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot') THEN CREATE ROLE ews_bot LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_ledger') THEN CREATE ROLE ews_ledger NOLOGIN; END IF;
END $$;
"""
# Instructions to psql; a setting of PostgreSQL 17; a schema that is there already.
_LEFT_OUT = ("\\", "SET transaction_timeout", 'CREATE SCHEMA "public"', 'COMMENT ON SCHEMA "public"', "--")


def plain_sql(dump: str) -> str:
    """pg_dump's output without what only psql or only a newer server understands, and without empty lines."""
    return "\n".join(line for line in dump.splitlines() if line and not line.startswith(_LEFT_OUT)) + "\n"


def dump(url: str) -> str:
    # After the settings are loaded: this module must be importable without them.
    from crypto_ews.postgres.cluster import binaries

    options = ["--no-owner", "--inserts", "--rows-per-insert=500", "--schema=public", "--quote-all-identifiers"]
    command = [str(binaries() / "pg_dump"), *options, "--dbname", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def make(url: str, release: str) -> str:
    """Migrate and fill the empty database at `url`, and dump it. Raises RuntimeError where a table stayed empty."""
    secret = "of-a-dump-that-everybody-reads-and-that-no-server-uses-0123456789"
    os.environ.update(EWS_ENV_FILE="", DATABASE_URL=url, SECRET_KEY=secret)
    os.environ["DJANGO_SETTINGS_MODULE"] = "crypto_ews.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from tests.upgrades.filling import fill_everything

    call_command("migrate", verbosity=0, interactive=False)
    filled = fill_everything(AS_OF)
    for line in filled.left_out:
        print(f"left out: {line}", file=sys.stderr)
    if filled.empty:
        raise RuntimeError(f"no row in {', '.join(filled.empty)}: teach tests/upgrades/filling.py to make one")
    print(f"{sum(filled.rows.values())} rows in {len(filled.rows)} tables", file=sys.stderr)
    return _HEAD.format(release=release) + plain_sql(dump(url))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="release_<major>_<minor>.sql; it must not exist yet")
    options = parser.parse_args()
    if options.file.exists():
        parser.error(f"{options.file} exists: a dump is made once, with the code of its release")
    release = options.file.stem.removeprefix("release_").replace("_", ".")
    with ThrowawayCluster() as url:
        text = make(url, release)
    options.file.write_text(text, encoding="utf-8")
    print(f"{options.file}: {len(text.encode()) // 1000} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
