"""The models of the order books, by what they are about."""

from orderbooks.models_books import BookMinute, WhaleOrder
from orderbooks.models_events import DepthDropEvent, WhaleEvent
from orderbooks.models_streams import StreamStatus

__all__ = ["BookMinute", "DepthDropEvent", "StreamStatus", "WhaleEvent", "WhaleOrder"]
