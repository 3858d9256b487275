"""Exchanges in the admin: articles and tags, the classification table, and the queue of reviews."""

from exchanges.admin import articles, classification, reviews

__all__ = ["articles", "classification", "reviews"]
