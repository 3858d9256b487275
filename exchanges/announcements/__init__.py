"""Announcements of exchanges: from a site's list and articles to events."""

from exchanges.announcements.types import Article, BodyUnreadable, Impact, ImportantDate, ParsedNotice

__all__ = ["Article", "BodyUnreadable", "Impact", "ImportantDate", "ParsedNotice"]
