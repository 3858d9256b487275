"""The ASGI application that the daemon serves."""

import os
import warnings

from django.core.asgi import get_asgi_application

from events.registry import fronted

# WhiteNoise hands out files piece by piece; reading them in a thread is just what is wanted here.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
application = fronted(get_asgi_application())
