"""The crises that can be drilled: one module each."""

from drills.crises.crisis import Crisis
from drills.crises.delisting import DELISTING

CRISIS_BY_NAME: dict[str, Crisis] = {crisis.name: crisis for crisis in (DELISTING,)}
