"""Exchanges in the admin, one module per idea."""

from exchanges.admin import articles, classification

__all__ = ["articles", "classification"]
