from orderbooks.admin_books import BookMinuteAdmin, WhaleOrderAdmin
from orderbooks.admin_streams import StreamStatusAdmin

__all__ = ["BookMinuteAdmin", "StreamStatusAdmin", "WhaleOrderAdmin"]
