"""The crises that can be drilled: one module each."""

from drills.crises.crisis import Crisis
from drills.crises.luna import LUNA
from drills.crises.removal import DELISTING
from drills.crises.usdc import USDC

CRISIS_BY_NAME: dict[str, Crisis] = {crisis.name: crisis for crisis in (LUNA, USDC, DELISTING)}
