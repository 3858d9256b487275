"""The archive: every answer is kept before anybody reads it, and says under which key."""

from __future__ import annotations

import pytest

from events.models import PayloadBody, PayloadPoll
from events.upstream.archive import ArchivingFetcher, body_bytes
from events.upstream.client import HttpClient, content_digest
from events.upstream.text import storable
from tests.upstreams import Reply, UpstreamServer


@pytest.mark.django_db
def test_an_answer_says_under_which_key_the_archive_has_it() -> None:
    with UpstreamServer() as server:
        server.route("/list", Reply(b"[]"))
        fetcher = ArchivingFetcher(HttpClient(deadline_s=3, user_agent="tests"))
        first, again = (fetcher.get("tests.list", server.url("/list")) for _ in range(2))
    assert first.archived_as == again.archived_as == content_digest(first)
    assert PayloadPoll.objects.filter(body_id=first.archived_as).count() == 2
    assert body_bytes(PayloadBody.objects.get(pk=first.archived_as)) == first.body


def test_a_text_is_storable_without_what_postgresql_refuses() -> None:
    assert storable(" a\0b\ud800c ") == "ab?c"
