"""Open events of before a renaming: what they do to a coin holds under its new name as well.

An effect keeps the name that the coin had when the event was told; bots ask for what it is called now. So a hack of FTM
is copied to S on the day from which FTM means S, and an effect on a name that nobody knew is copied to the coin that an
admin says it is. The effect under the old name stays: exchanges rename on different days.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from events.kinds import EVERYTHING, Scope, Status
from events.models import Effect, plain_events
from markets.identity_store import known_identity, live_tickers

logger = logging.getLogger(__name__)

# A list that is read the moment the new name begins to hold must find the effect there.
_AHEAD = timedelta(minutes=2)


def follow_renamings(now: datetime) -> int:
    """Give open events effects under the names that hold now, and in two minutes; how many were added.

    One that the event has already is left as it is. What its source tells anew replaces all of them, and is followed
    here again.
    """
    identity = known_identity()
    written = Effect.objects.filter(open=True).exclude(token=EVERYTHING).values_list("token", flat=True).distinct()
    renamed = {
        name: codes
        for name in written
        if (codes := {identity.asset("", name, at) for at in (now, now + _AHEAD)} - {name.upper()})
    }
    if not renamed:
        return 0
    added = 0
    concerned = Effect.objects.filter(open=True, token__in=renamed).values_list("event", flat=True).distinct()
    with transaction.atomic():
        events = plain_events().filter(pk__in=list(concerned), status=Status.OPEN)
        for event in events.select_for_update(no_key=True).order_by("pk"):
            effects = list(event.effects.all())
            known = {(effect.token.upper(), effect.scope, effect.venue) for effect in effects}
            for effect in effects:
                for code in sorted(renamed.get(effect.token, ())):
                    if (code, effect.scope, effect.venue) in known:
                        continue
                    tickers = live_tickers(code, identity, now) if effect.scope == Scope.ASSET else ()
                    logger.info("%s is called %s: event %s holds for it too", effect.token, code, event.pk)
                    effect.pk, effect.token = None, code
                    effect.tickers = sorted({*effect.tickers, *tickers})
                    effect.save(force_insert=True)
                    added += 1
    return added
