from django.apps import AppConfig


class CryptoEwsConfig(AppConfig):
    name = "crypto_ews"
    verbose_name = "Crypto early warning"
