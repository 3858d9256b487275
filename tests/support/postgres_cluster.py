"""A throw-away PostgreSQL for tests, from the same binaries and by the same keeper as the embedded one."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from crypto_ews.postgres.cluster_use import connection_url, ensure_running, release

IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 * 1024**3


def cluster_folder() -> Path:
    """A new temporary folder for a cluster: in memory where there is room, as creating one writes 46 MB."""
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES
    return Path(tempfile.mkdtemp(prefix="ews-test-", dir=IN_MEMORY if roomy else None))


class ThrowawayCluster:
    """A fresh cluster in a temporary folder, without fsync.

    The keeper stops it and deletes its folder when this process ends, however it ends.
    """

    def __init__(self) -> None:
        self.data_dir: Path | None = None

    def start(self) -> str:
        """Start it and return its URL in the form of DATABASE_URL (role and database as in the embedded cluster)."""
        self.data_dir = cluster_folder()
        return connection_url(ensure_running(self.data_dir, throwaway=True))

    def stop(self) -> None:
        """Stop it, and wait until it is gone. Does nothing if it is not running."""
        if self.data_dir is not None:
            release(self.data_dir)
            shutil.rmtree(self.data_dir, ignore_errors=True)
            self.data_dir = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
