from orderbooks.admin_streams import StreamStatusAdmin

__all__ = ["StreamStatusAdmin"]
