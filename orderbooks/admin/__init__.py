from orderbooks.admin.books import BookMinuteAdmin, WhaleOrderAdmin
from orderbooks.admin.streams import StreamStatusAdmin

__all__ = ["BookMinuteAdmin", "StreamStatusAdmin", "WhaleOrderAdmin"]
