"""A total deadline for libraries without one: their timeouts restart with every byte."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class _Work(Generic[Made]):
    def __init__(self, work: Callable[[], Made]) -> None:
        self._work = work
        self.made: Made | None = None
        self.error: BaseException | None = None
        self.done = threading.Event()

    def run(self) -> None:
        try:
            self.made = self._work()
        except BaseException as error:  # noqa: BLE001  (the caller raises it)
            self.error = error
        finally:
            self.done.set()


def within(seconds: float, work: Callable[[], Made], give_up: Callable[[], None]) -> Made:
    """The result of `work`. Raises what `work` raises, and TimeoutError after `seconds`.

    `work` runs in its own thread. If it is late, `give_up` is called to unblock it, and the thread is abandoned.
    """
    job = _Work(work)
    threading.Thread(target=job.run, name="delivery", daemon=True).start()
    if not job.done.wait(seconds):
        give_up()
        raise TimeoutError(f"no answer within {seconds:g} s")
    if job.error is not None:
        raise job.error
    return job.made  # type: ignore[return-value]
