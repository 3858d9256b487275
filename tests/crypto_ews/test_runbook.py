"""The runbook's pages: strangers reach them, so no address may be an internal error."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize("name", ["nothing", "a" * 300, "-", "depeg-", "1"])
def test_an_address_without_a_page_is_not_found(client: Client, name: str) -> None:
    """300 letters: more than a file's name may have, which the file system answers with an error of its own."""
    assert client.get(f"/runbook/{name}/").status_code == 404
