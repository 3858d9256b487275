"""Tests against programs of others run in `make test-peers` alone: their environments are large."""

from __future__ import annotations

import os

from tests.api.conftest import api_url, reader, token_of  # noqa: F401

collect_ignore_glob = [] if os.environ.get("EWS_PEERS") else ["*"]
