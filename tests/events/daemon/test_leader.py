"""The leader lock when the database is in trouble."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from events.daemon.leader import LeaderLock


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_noticed_within_seconds() -> None:
    lock = LeaderLock()
    assert lock.try_acquire()
    assert lock._connection is not None
    pid = lock._connection.info.backend_pid
    held = []
    os.kill(pid, signal.SIGSTOP)
    try:
        thread = threading.Thread(target=lambda: held.append(lock.still_acquired()), daemon=True)
        thread.start()
        thread.join(7)
        assert held == [False]
    finally:
        os.kill(pid, signal.SIGCONT)
        thread.join(5)
        lock.release()
