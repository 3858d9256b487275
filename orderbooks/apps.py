from django.apps import AppConfig


class OrderBooksConfig(AppConfig):
    name = "orderbooks"
    verbose_name = "Order books"
