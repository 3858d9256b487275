"""Exchanges in the admin: articles and tags, and the classification table."""

from exchanges.admin import articles, classification

__all__ = ["articles", "classification"]
