"""Tests against programs of others run in `make test-peers` alone: their environments are large."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.api.conftest import api_url, reader, token_of  # noqa: F401
from tests.support.peers import reason_file

collect_ignore_glob = [] if os.environ.get("EWS_PEERS") else ["*"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A peer that this machine cannot have is skipped by name."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and len(item.path.relative_to(here).parts) > 1:
            reason = reason_file(item.path.relative_to(here).parts[0])
            if reason.exists():
                item.add_marker(pytest.mark.skip(reason=reason.read_text(encoding="utf-8").strip()))
