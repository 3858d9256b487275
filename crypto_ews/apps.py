from django.apps import AppConfig
from django.db.backends.signals import connection_created

from crypto_ews.postgres.settings import without_jit


class CryptoEwsConfig(AppConfig):
    name = "crypto_ews"
    verbose_name = "Crypto early warning"

    def ready(self) -> None:
        connection_created.connect(without_jit, dispatch_uid="crypto_ews.without_jit")
