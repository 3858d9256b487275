"""Files with secrets: readable by their owner only, from their first byte on."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Write a new file of mode 0600. Raises FileExistsError."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)


def replace_private(file: Path, text: str) -> None:
    """Write a file of mode 0600, new or not, in one step for its readers."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    write_private(new, text)
    new.replace(file)
