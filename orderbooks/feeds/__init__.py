"""One module per exchange, behind `orderbooks.feeds.base.Feed`."""
