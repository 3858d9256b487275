"""The ASGI application that the daemon serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
application = get_asgi_application()
