"""The only writer of reviews: for sources, which open and close them, and for people, who decide them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from events.clock import Jump
from events.database.delete import delete_in_batches
from events.drafts import ReviewDraft
from events.enums import Status
from events.models import Event, Review, plain_events
from markets.identity import Identity
from markets.identity_store import known_identity

Decision = Review.Decision
_BY_PEOPLE = (Decision.EVENT, Decision.HARMLESS)


class AlreadyDecided(ValueError):
    """Another person was faster, or the source has explained the notice; the message names who and what."""


class CannotReopen(ValueError):
    """The review is undecided, or another one of its notice is; the message says which."""


def open_reviews(drafts: Iterable[ReviewDraft], now: datetime) -> list[Review]:
    """Open a review for each notice, or bring its undecided one up to date; returns those that are undecided now.

    What a person decided holds while title and text are the same. Writes nothing where nothing changed.
    """
    by_key = {draft.natural_key: draft for draft in drafts}
    if not by_key:
        return []
    identity = known_identity()
    by_key = {
        key: replace(draft, tokens=_with_present_names(draft.tokens, identity, now)) for key, draft in by_key.items()
    }
    with transaction.atomic():
        undecided = {row.natural_key: row for row in _undecided().filter(natural_key__in=list(by_key))}
        decided = decided_digests(by_key.keys() - undecided.keys())
        new = []
        for key, draft in by_key.items():
            row, digest = undecided.get(key), draft.digest()
            if row is not None:
                _update(row, draft, digest)
            elif decided.get(key, (None, ""))[0] != digest:
                # A release that the source dates ahead must not let it count for longer.
                released = min(draft.released_at, now)
                new.append(
                    Review(natural_key=key, opened_at=now, **{**_fields(draft, digest), "released_at": released})
                )
        # Another writer may have opened one meanwhile.
        Review.objects.bulk_create(new, ignore_conflicts=True)
        return list(Review.objects.filter(natural_key__in=list(by_key), decided_at=None))


def follow_renames(now: datetime, identity: Identity) -> int:
    """Let undecided reviews name their coins by the present names too, by which bots ask; returns how many changed.

    The old name stays: nobody has read what becomes of it. What somebody is deciding is left to the next run.
    """
    undecided = Review.objects.filter(decided_at=None)
    old = [
        pk
        for pk, tokens in undecided.values_list("pk", "tokens").order_by("pk")
        if _with_present_names(tokens, identity, now) != tuple(tokens)
    ]
    if not old:
        return 0
    with transaction.atomic():
        rows = list(undecided.select_for_update(of=("self",), skip_locked=True).filter(pk__in=old).order_by("id"))
        for row in rows:
            row.tokens = list(_with_present_names(row.tokens, identity, now))
            row.save(update_fields=["tokens"])
    return len(rows)


def close_explained(explained: Mapping[str, Event | None], now: datetime) -> int:
    """Close the undecided reviews of notices that their source can judge now; returns how many.

    explained: the event of each, by natural key; None where the notice is known to be none.
    """
    if not explained:
        return 0
    with transaction.atomic():
        rows = list(_undecided().filter(natural_key__in=list(explained)))
        for row in rows:
            row.decided_at, row.decision, row.event = now, Decision.EXPLAINED, explained[row.natural_key]
            row.save(update_fields=["decided_at", "decision", "event"])
    return len(rows)


def decide(
    review_id: int,
    decision: str,
    by: str,
    now: datetime,
    event: Event | None = None,
    label: Mapping[str, Any] | None = None,
) -> Review:
    """Store what a person decided, in the caller's transaction or one of its own; of two persons the first counts.

    decision: `Decision.EVENT` or `Decision.HARMLESS`. label: the decision as a labelled line.
    Raises AlreadyDecided, Review.DoesNotExist, and ValueError for another decision.
    """
    if decision not in _BY_PEOPLE:
        raise ValueError(f"decision is {decision!r}, expected one of {', '.join(_BY_PEOPLE)}")
    with transaction.atomic():
        row = Review.objects.select_for_update(of=("self",)).get(pk=review_id)
        if row.decided_at is not None:
            who = row.decided_by or row.source
            raise AlreadyDecided(f"{who} has decided at {row.decided_at:%Y-%m-%d %H:%M} UTC: {row.decision}")
        row.decided_at, row.decided_by, row.decision = now, by[:150], decision
        row.event, row.label = event, dict(label or {})
        row.save(update_fields=["decided_at", "decided_by", "decision", "event", "label"])
    return row


def reopen(review_id: int) -> Review:
    """Take a decision back: the review is undecided again. What became of its event is the caller's affair.

    Raises CannotReopen and Review.DoesNotExist.
    """
    with transaction.atomic():
        row = Review.objects.select_for_update(of=("self",)).get(pk=review_id)
        if row.decided_at is None:
            raise CannotReopen(f"review {review_id} is not decided")
        other = _undecided().filter(natural_key=row.natural_key).first()
        if other is not None:
            raise CannotReopen(f"the notice was edited since, and has the review {other.pk}")
        row.decided_at, row.decided_by, row.decision, row.event, row.label = None, "", "", None, {}
        row.save(update_fields=["decided_at", "decided_by", "decision", "event", "label"])
    return row


def undecided_keys(source: str, since: datetime, most: int) -> list[str]:
    """The natural keys of a source's undecided reviews that were released since a time, newest first."""
    rows = Review.objects.filter(source=source, decided_at=None, released_at__gte=since).order_by("-opened_at", "-id")
    return list(rows.values_list("natural_key", flat=True)[:most])


def decided_to_be_events(source: str) -> set[str]:
    """The natural keys of a source's open events that a person made of a review: its parser knows nothing of them."""
    rows = Review.objects.filter(source=source, decision=Decision.EVENT, event__status=Status.OPEN)
    return set(rows.values_list("natural_key", flat=True))


def event_by_decision(natural_key: str) -> Event | None:
    """The open event that a person made of a notice."""
    rows = Review.objects.filter(natural_key=natural_key, decision=Decision.EVENT, event__status=Status.OPEN)
    return plain_events().filter(pk__in=rows.values("event_id")).order_by("-id").first()


def decided_digests(natural_keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(digest, decision) of what people decided last, by natural key."""
    rows = Review.objects.filter(natural_key__in=list(natural_keys), decision__in=_BY_PEOPLE).order_by("id")
    return {key: (digest, decision) for key, digest, decision in rows.values_list("natural_key", "digest", "decision")}


def prune(before: datetime) -> int:
    """Forget, of what was decided before a moment, who decided it, and what sources closed; returns how many rows.

    What people decided stays, as labels, without their names. So do undecided reviews.
    """
    old = Review.objects.filter(decided_at__lt=before)
    forgotten = old.exclude(decided_by="").update(decided_by="")
    return forgotten + delete_in_batches(old.filter(decision=Decision.EXPLAINED).order_by("decided_at"))


def after_clock_jump(jump: Jump) -> None:
    """Move the times that a wrong clock wrote, as those of the events that people opened by a decision are moved."""
    with transaction.atomic():
        for column in ("opened_at", "notified_at", "decided_at"):
            written = Review.objects.filter(**{f"{column}__range": (jump.since, jump.before)})
            if column == "opened_at":
                # Where nobody knows when it was published, it is when it was first seen.
                written.filter(released_at=F("opened_at")).update(released_at=F("released_at") + jump.by)
            written.update(**{column: F(column) + jump.by})


def _with_present_names(tokens: Iterable[str], identity: Identity, now: datetime) -> tuple[str, ...]:
    tokens = tuple(tokens)
    return tuple(dict.fromkeys([*tokens, *(identity.renamed(token, now) for token in tokens)]))


def _undecided() -> Any:
    return Review.objects.select_for_update(of=("self",)).filter(decided_at=None).order_by("id")


def _fields(draft: ReviewDraft, digest: str) -> dict[str, Any]:
    return {
        "source": draft.source,
        "title": draft.title,
        "text": draft.text,
        "url": draft.url,
        "reason": draft.reason,
        "ending": draft.ending,
        "first": draft.first,
        "tokens": list(draft.tokens),
        "tickers": list(draft.tickers),
        "venues": list(draft.venues),
        "digest": digest,
        "released_at": draft.released_at,
        "payload_id": draft.payload,
    }


def _update(row: Review, draft: ReviewDraft, digest: str) -> None:
    fields = _fields(draft, digest)
    if digest == row.digest:
        # Each answer has bytes of its own; the text is the same.
        del fields["payload_id"]
    # Neither moves: a list may report another release than the article.
    del fields["released_at"]
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
