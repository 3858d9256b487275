"""Any message as a card: every rendering shows what this returns. Pure."""

from __future__ import annotations

from alerts.rendering.cards.card import Card
from alerts.rendering.cards.digest_card import digest_card
from alerts.rendering.cards.drill_mark import marked_as_drill
from alerts.rendering.cards.event_card import event_card
from alerts.rendering.cards.notice_card import notice_card
from alerts.rendering.message import Digest, Message, Notice


def card_of(message: Message) -> Card:
    """The parts of a message, before any service's markup."""
    card = _card(message)
    return marked_as_drill(card, message.drill) if message.drill else card


def _card(message: Message) -> Card:
    content = message.content
    if isinstance(content, Digest):
        return digest_card(content, message)
    if isinstance(content, Notice):
        return notice_card(content, message)
    return event_card(content, message)
