"""docs/contracts/stream.md: its reader in Python runs as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.api.support import all_is_fresh, manual_event

PAGE = Path(__file__).resolve().parents[3] / "docs" / "contracts" / "stream.md"


def test_the_reader_in_python_shows_the_view_and_says_unknown_where_nobody_answers(
    api_url: str, token_of: Callable[..., str]
) -> None:
    all_is_fresh()
    manual_event("DOGE")
    [source] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for token, said in ((token_of(), "fresh ['DOGE']"), ("ews_" + "x" * 43, "unknown: Client error '401")):
        environment = {**os.environ, "EWS_URL": api_url, "EWS_TOKEN": token, "NO_PROXY": "*"}
        reader = subprocess.Popen(
            [sys.executable, "-u", "-c", source], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert reader.stdout is not None and reader.stdout.readline().startswith(said)
        finally:
            reader.kill()
            reader.communicate()
