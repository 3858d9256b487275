"""The budget of the suite's time fails a run that exceeds it, and no other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.daemon_process import ROOT


@pytest.mark.long
@pytest.mark.parametrize(("seconds", "code", "words"), [("0.001", 1, "too long"), ("60", 0, "the suite took")])
def test_a_suite_over_its_budget_fails_and_says_so(tmp_path: Path, seconds: str, code: int, words: str) -> None:
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "tests.support.budget", "-p", "no:django",
         "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "EWS_SUITE_SECONDS": seconds}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout
