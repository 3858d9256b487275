"""The WSGI application, for those who serve the web pages apart from the daemon."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
application = get_wsgi_application()
