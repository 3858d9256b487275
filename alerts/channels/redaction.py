"""Takes secrets out of what a receiver answered: some repeat the request that they refuse."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_SHORTEST_SECRET = 6


def without_secrets(text: str, *secrets: str) -> str:
    """`text` without the secrets; of one that is a URL, without any part that could be used either: path segments,
    query values, user and password."""
    parts = {part for secret in secrets for part in _parts(secret)}
    forms = {form for part in parts for form in (part, unquote(part), quote(part, safe=""))}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORTEST_SECRET:
            text = re.sub(re.escape(form), "…", text, flags=re.IGNORECASE)
    return text


def _parts(secret: str) -> set[str]:
    if "://" not in secret:
        return {secret}
    url = urlsplit(secret)
    path = [segment for segment in url.path.split("/") if len(segment) >= _SHORTEST_SECRET]
    query = [value for _, value in parse_qsl(url.query, keep_blank_values=True)]
    raw_query = [pair.partition("=")[2] for pair in url.query.split("&")]
    return {secret, url.path, url.query, *path, *query, *raw_query, url.username or "", url.password or ""}
