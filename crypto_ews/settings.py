"""Django settings, all derived from the validated configuration in `crypto_ews.conf`."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crypto_ews.conf import PROJECT_ROOT, ConfigurationError, get_config
from crypto_ews.logs import logging_settings
from crypto_ews.postgres.settings import database_settings
from crypto_ews.secret_key import secret_key
from crypto_ews.ui.browser import STRICT
from crypto_ews.ui.theme import UNFOLD as UNFOLD

try:
    CONFIG = get_config()
    SECRET_KEY = secret_key(CONFIG)
except ConfigurationError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None

BASE_DIR = PROJECT_ROOT
DEBUG = CONFIG.debug
_PUBLIC = urlsplit(CONFIG.public_base_url)
# What cards link to has to be served.
_PUBLIC_HOST = str(_PUBLIC.hostname)
ALLOWED_HOSTS = [*CONFIG.allowed_hosts, f"[{_PUBLIC_HOST}]" if ":" in _PUBLIC_HOST else _PUBLIC_HOST]
CSRF_TRUSTED_ORIGINS = [f"{_PUBLIC.scheme}://{_PUBLIC.netloc}"]

# In the order in which they may import each other.
_OUR_APPS = (
    "markets",
    "events",
    "exchanges",
    "streams",
    "defillama",
    "volatility",
    "liquidity",
    "orderbooks",
    "trades",
    "alerts",
    "drills",
    "api",
    "board",
)
INSTALLED_APPS = [
    # Before the admin, whose templates it replaces.
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "polymorphic",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "crypto_ews",
    *_OUR_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crypto_ews.ui.browser.BrowserPolicy",
    # Last: it answers for a login that was refused.
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": STRICT}

# Wrong passwords, counted in this process by where they come from. Not by the name that is tried: anybody who knows one
# could then lock its owner out. In memory: an attacker must not fill the database.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "logins": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "logins",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}
# Axes warns of a memory that several processes do not share: daemon and runapi count apart (SECURITY.md).
SILENCED_SYSTEM_CHECKS = ["axes.W001"]
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_CACHE = "logins"
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_FAILURE_LIMIT = 20
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

ROOT_URLCONF = "crypto_ews.urls"
WSGI_APPLICATION = "crypto_ews.wsgi.application"
ASGI_APPLICATION = "crypto_ews.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the theme's own: `first` holds what extends a template of the theme under its own name.
        "DIRS": [BASE_DIR / "crypto_ews" / "templates" / "first"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {"default": database_settings(CONFIG)}
# One folder has the entire schema history, the view and trigger SQL included.
MIGRATION_MODULES = {app: f"migrations.{app}" for app in _OUR_APPS if app not in ("board", "drills")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = ["crypto_ews.formats"]
USE_TZ = True

STATIC_URL = "static/"
# ninja's Swagger UI. Its folder alone: as an installed app it would be loaded by every command.
STATICFILES_DIRS = [
    Path(place) / "static" for place in getattr(find_spec("ninja"), "submodule_search_locations", None) or ()
]
# Served from where the apps keep them: nothing has to be collected first.
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.public_base_url.startswith("https://")

LOGGING = logging_settings(CONFIG.log_level)
DEFAULT_EXCEPTION_REPORTER = "crypto_ews.ui.browser.MaskedReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "crypto_ews.ui.browser.NoSecretsFilter"

if "PYTEST_CURRENT_TEST" in os.environ or "pytest" in sys.modules:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
