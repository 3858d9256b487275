"""The ASGI application that the daemon serves."""

import os
import warnings

from django.core.asgi import get_asgi_application

# WhiteNoise hands out files piece by piece; reading them in a thread is just what is wanted here.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
_django = get_asgi_application()

from api.gateway import Gateway  # noqa: E402 (models can be imported only now)

application = Gateway(_django)
