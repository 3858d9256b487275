"""Events of unusual volume."""

from __future__ import annotations

from django.db import models

from events.models import Event


class VolumeAnomalyEvent(Event):
    """Unusual volume of an instrument, or of a venue's whole market. The fields have the values at the alert."""

    surprise = models.FloatField(help_text="In spreads; of a whole market its median.")
    threshold = models.FloatField()
