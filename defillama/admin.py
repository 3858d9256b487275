"""Everything of this app in the admin, one module per idea."""

from defillama import admin_hacks, admin_stablecoins

__all__ = ["admin_hacks", "admin_stablecoins"]
