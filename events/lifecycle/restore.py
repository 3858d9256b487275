"""A recorded event as the draft that would record it again, for a caller that changes a part of it.

A round trip: to record that draft unchanged opens no alert, keeps the rows of all effects, and changes neither the
revision nor anything that a card shows.
"""

from __future__ import annotations

from events import registry
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.models import Event


def draft_of(event: Event) -> EventDraft:
    """The draft of an event from its rows. extra: the fields of its subclass."""
    real = event.get_real_instance()
    kind = "" if type(real) is Event else registry.kind_of(type(real))
    fields = [field for field in real._meta.local_concrete_fields if type(real) is not Event and not field.primary_key]
    return EventDraft(
        source=real.source,
        category=real.category,
        natural_key=real.natural_key,
        title=real.title,
        kind=kind,
        priority=real.priority,
        url=real.url,
        network_tokens=tuple(real.network_tokens),
        important_dates=tuple(map(ImportantDate.from_json, real.important_dates)),
        # An expiry by the retention rules is left out: the rules of that time give it again.
        valid_until=None if real.expiry_by_rule else real.valid_until,
        published_at=real.published_at,
        facts=real.facts,
        based_on=real.draft_digest,
        extra={field.attname: getattr(real, field.attname) for field in fields},
        effects=tuple(
            EffectDraft(
                token=effect.token,
                scope=effect.scope,
                venue=effect.venue,
                tickers=tuple(effect.tickers),
                trading_ends_at=effect.trading_ends_at,
                in_force_at=effect.in_force_at,
                **effect.declared,
            )
            for effect in real.effects.all()
        ),
    )
