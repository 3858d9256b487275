"""DeFiLlama's site, asked where its API fails: page → build id → the page's data file.

Build ids change with every release of the site, so the page is read anew each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift

# In the page's own state, else in the address of the manifest that every page loads.
_BUILD_IDS = (
    re.compile(r'"buildId"\s*:\s*"([\w.~-]{1,100})"'),
    re.compile(r"/_next/static/([\w.~-]{1,100})/_(?:build|ssg)Manifest\.js"),
)


def build_id(page: Payload) -> str:
    """The build id of a page. Raises SchemaDrift where it names none."""
    text = page.body.decode("utf-8", "replace")
    for pattern in _BUILD_IDS:
        found = pattern.search(text)
        if found:
            return found[1]
    raise SchemaDrift(page.source, "buildId", "a page that names its build", text)


def fetch_page_data(get: Callable[[str, str], Payload], source: str, base_url: str, page: str) -> Payload:
    """The data file behind a page of the site. `get` is (source, url) → payload.

    The data is archived under `source`, as it is read like the API's answer; the page under `<source>.page`.
    Raises UpstreamError.
    """
    base = base_url.rstrip("/")
    build = build_id(get(f"{source}.page", f"{base}/{page}"))
    return get(source, f"{base}/_next/data/{build}/{page}.json")
