"""Recorded payloads beside the project. They may be absent: then what needs them is skipped, and says so."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "captures"


def capture(path: str) -> Path:
    """A recorded file; skips the test where the captures are not at hand."""
    file = FOLDER / path
    if not file.exists():
        pytest.skip(f"the recorded payload {path} is not here ({FOLDER} is absent)")
    return file


def kraken_asset_pairs() -> bytes:
    """Kraken's answer to AssetPairs of April 2021, which stands in a capture of streams as `<url> -> <time>: {…}`."""
    with gzip.open(capture("streams/cryptofeed_KRAKEN.0.gz"), "rt") as lines:
        line = next(line for line in lines if "AssetPairs" in line.split("{")[0])
    return line[line.index("{") :].encode()
