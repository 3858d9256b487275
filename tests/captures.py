"""Recorded payloads beside the project. They may be absent: then what needs them is skipped, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "captures"


def capture(path: str) -> Path:
    """A recorded file; skips the test where the captures are not at hand."""
    file = FOLDER / path
    if not file.exists():
        pytest.skip(f"the recorded payload {path} is not here ({FOLDER} is absent)")
    return file
