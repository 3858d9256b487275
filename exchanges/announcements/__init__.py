"""Announcements of exchanges: from a site's list and articles to events."""

from events.drafts import ImportantDate
from exchanges.announcements.types import Article, BodyUnreadable, Impact, ParsedNotice

__all__ = ["Article", "BodyUnreadable", "Impact", "ImportantDate", "ParsedNotice"]
