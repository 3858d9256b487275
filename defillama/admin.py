"""Everything of this app in the admin, one module per idea."""

from defillama.hacks import admin as hacks_admin
from defillama.stablecoins import admin as stablecoins_admin

__all__ = ["hacks_admin", "stablecoins_admin"]
