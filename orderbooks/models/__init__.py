"""The models of the order books."""

from orderbooks.models.books import BookMinute, WhaleOrder
from orderbooks.models.events import DepthDropEvent, WhaleEvent
from orderbooks.models.streams import StreamStatus

__all__ = ["BookMinute", "DepthDropEvent", "StreamStatus", "WhaleEvent", "WhaleOrder"]
