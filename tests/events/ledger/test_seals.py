"""Sealing, its check from the outside, and what holds it up."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events import registry
from events.ledger.chain import anchor_text, parse_anchor
from events.ledger.seals import ANCHOR_SECONDS, KEY, LATE_SECONDS, Sealer, holder, seal_all, unsealed
from events.ledger.verification import head, verify
from events.models import Event
from tests.events.ledger.support import unlocked
from tests.events.risk_view.support import make_event, query, raw_connection
from tests.support.daemon_process import eventually

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def sealed_to(n: int) -> bool:
    """Whether the row is sealed. Tests of other workers have transactions open, which hold the seals for a moment."""
    seal_all()
    ((waits,),) = query(
        "SELECT count(*) FROM ledger WHERE n <= %s AND (era, xid) >= (SELECT era, to_xid FROM ledger_seal"
        " ORDER BY ledger_seal.n DESC LIMIT 1)",
        n,
    )
    return waits == 0


def seal_everything() -> None:
    ((last,),) = query("SELECT max(n) FROM ledger")
    eventually(lambda: sealed_to(last), 20, f"row {last} is sealed")


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("ledger", *words, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def test_what_the_database_seals_is_what_the_check_computes() -> None:
    event = make_event({"token": "SEAL"})
    for turn in range(5):
        query("UPDATE events_event SET title = %s WHERE id = %s", f"T{turn} – “ünïcode” | \\ \n 100 %%", event.pk)
        seal_all()
    seal_everything()
    before = head()
    assert before is not None
    report = verify(dict([before]))
    assert report.findings == [] and report.proven_to == before[0] and report.head == before[1]
    code, said = run("verify")
    assert code == 0 and "Consistent, not proven" in said
    code, said = run("head")
    assert code == 0 and parse_anchor(said) == before
    code, said = run("verify", "--anchor", said.strip())
    assert code == 0 and f"Proven to seal {before[0]}" in said and "not detectable" in said
    wrong = anchor_text(before[0], b"\x01" * 32)
    code, said = run("verify", "--anchor", wrong)
    assert code == 1 and "not the one of the anchor" in said
    assert run("verify", "--anchor", "nonsense")[0] == 2
    assert run("verify", "--anchor", wrong, "--anchor", anchor_text(*before))[0] == 2
    assert run("head", "--anchor", wrong)[0] == 2


def test_a_changed_row_is_found_and_put_back_it_is_well_again() -> None:
    make_event({"token": "EDIT"})
    seal_everything()
    ((n, kind),) = query("SELECT n, kind FROM ledger WHERE kind = 'event.opened' ORDER BY n DESC LIMIT 1")
    with unlocked():
        query("UPDATE ledger SET kind = 'event.updated' WHERE n = %s", n)
        code, said = run("verify")
        query("UPDATE ledger SET kind = %s WHERE n = %s", kind, n)
    assert code == 1 and "rows of ledger that seal" in said
    assert run("verify")[0] == 0


def test_a_small_seal_takes_some_rows_and_the_next_the_rest() -> None:
    seal_everything()
    for number in range(10):
        make_event({"token": f"PART{number}"})
    before = unsealed()
    assert before.rows >= 20 and before.seconds > 0
    ((from_n,),) = query("SELECT max(n) FROM ledger_seal")

    def done() -> bool:
        query("SELECT ledger_seal_now(3)")
        return unsealed().rows == 0

    eventually(done, 20, "all is sealed")
    counts = query("SELECT count, view_count FROM ledger_seal WHERE n > %s ORDER BY n", from_n)
    assert len(counts) >= 4 and max(count for count, _views in counts) <= 4
    assert verify({}).ok


def test_an_open_transaction_holds_the_seals_and_is_named() -> None:
    seal_everything()
    slow = raw_connection(application_name="slow one")
    slow.autocommit = False
    try:
        with slow.cursor() as cursor:
            cursor.execute("SELECT ledger_append('test.slow', NULL, NULL, '{}')")
        make_event({"token": "HELD"})
        seal_all()
        waits = unsealed()
        assert waits.rows >= 2
        # Another worker's test may have an older one.
        assert "has a transaction open since" in holder()
        assert registry.gauges()["ledger_unsealed_rows"] >= 2
    finally:
        slow.rollback()
        slow.close()
    seal_everything()
    assert verify({}).ok


def test_a_card_opens_while_rows_wait_and_closes_when_they_are_sealed() -> None:
    seal_everything()
    sealer = Sealer()
    sealer._report(LATE_SECONDS + 1, NOW)
    sealer._report(LATE_SECONDS + 2, NOW)
    (event,) = Event.objects.filter(natural_key=KEY, status="open")
    assert (event.category, event.priority, event.revision) == ("operations", "low", 1)
    # Another daemon closes what this one opened.
    Sealer()._report(LATE_SECONDS / 2, NOW)
    assert Event.objects.filter(natural_key=KEY, status="open").exists()
    Sealer()._report(0.5, NOW)
    assert not Event.objects.filter(natural_key=KEY, status="open").exists()


def test_the_anchor_is_logged_once_an_hour() -> None:
    time = [0.0]
    sealer = Sealer(lambda: time[0])
    config: Any = None
    logger = logging.getLogger("events.ledger.seals")
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler, level = Keep(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        for hour, token in enumerate(("A1", "A2", "A2", "A3")):
            make_event({"token": f"{token}{hour}"})
            seal_everything()
            time[0] += ANCHOR_SECONDS / 2
            sealer.run(config, NOW)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    anchors = [parse_anchor(line.split()[2]) for line in said if line.startswith("ledger anchor")]
    assert len(anchors) == 2 and verify(dict(anchors)).ok


def test_two_sealers_and_a_check_beside_writers_agree() -> None:
    stop = threading.Event()
    problems: list[str] = []

    def seal() -> None:
        session = raw_connection()
        with session.cursor() as cursor:
            while not stop.is_set():
                cursor.execute("SELECT ledger_seal_now(5)")
        session.close()

    def write() -> None:
        session = raw_connection()
        with session.cursor() as cursor:
            for _ in range(60):
                cursor.execute("SELECT ledger_append('test.busy', NULL, NULL, '{}')")
        session.close()

    threads = [threading.Thread(target=seal) for _ in range(2)]
    writers = [threading.Thread(target=write) for _ in range(3)]
    for thread in [*threads, *writers]:
        thread.start()
    while any(writer.is_alive() for writer in writers):
        problems += verify({}).findings
    stop.set()
    for thread in threads:
        thread.join()
    seal_everything()
    assert problems == [] and verify({}).ok


def test_a_restored_server_begins_another_era_and_the_chain_goes_on() -> None:
    make_event({"token": "ERA1"})
    seal_everything()
    ((era,),) = query("SELECT era FROM ledger_state")
    query("SELECT ledger_restored()")
    make_event({"token": "ERA2"})
    seal_everything()
    assert query("SELECT DISTINCT era FROM ledger WHERE kind = 'restored' AND era > %s", era) == [(era + 1,)]
    # Restored past us, into a server whose numbers are smaller than those that were sealed.
    query("UPDATE ledger_state SET floor = '999999999999'")
    make_event({"token": "ERA3"})
    assert query("SELECT max(era) FROM ledger") == [(era + 2,)]
    seal_everything()
    report = verify({})
    assert report.findings == [] and query("SELECT era FROM ledger_state") == [(era + 2,)]
