"""Any module of alerts may be the first of them to be imported: no circle that only a lucky order hides.

The admin's autodiscover imports nearly all of them in an order that works; so this runs in a process without it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = """
import importlib, sys, traceback
from pathlib import Path
import django
from django.conf import settings
# The admin's tables, without its autodiscover.
plain = {"django.contrib.admin": "django.contrib.admin.apps.SimpleAdminConfig"}
settings.INSTALLED_APPS = [plain.get(app, app) for app in settings.INSTALLED_APPS if not app.startswith("unfold")]
django.setup()
files = sorted(Path("alerts").rglob("*.py"))
names = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]
# Models and counters can be made once in a process, and what the admin shows needs the admin.
KEPT = ("alerts.models", "alerts.apps", "alerts.metrics")
names = [name for name in names if not name.startswith((*KEPT, "alerts.admin"))]
assert len(names) > 40, names
for name in names:
    for loaded in list(sys.modules):
        if loaded.startswith("alerts.") and not loaded.startswith(KEPT):
            del sys.modules[loaded]
            parent, _, child = loaded.rpartition(".")
            if parent in sys.modules:
                vars(sys.modules[parent]).pop(child, None)
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"{name}: {error}")
"""


def test_any_module_of_alerts_may_be_imported_first() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "crypto_ews.settings", "EWS_ENV_FILE": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]
