"""tests.peers.environments: what it keeps, what it makes anew, and what it says."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from tests.peers import environments


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Environments of one peer that needs what every environment has: pip."""
    requirements, made = tmp_path / "requirements", tmp_path / "peers"
    requirements.mkdir()
    made.mkdir()
    (requirements / "tiny.txt").write_text("pip\n")
    monkeypatch.setattr(environments, "REQUIREMENTS", requirements)
    monkeypatch.setattr(environments, "ENVIRONMENTS", made)
    monkeypatch.setattr(environments, "HTTPX", "pip")
    monkeypatch.setattr(environments, "reason_file", lambda peer: made / f"{peer}.skipped")
    return made


@pytest.mark.long
def test_an_environment_is_made_once_and_anew_where_it_is_broken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [threading.Thread(target=environments.main) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    printed = capsys.readouterr()
    first, second = printed.out.splitlines()
    assert first.startswith("tiny: the environment was made in ") and second == "tiny: the environment is there"
    assert "waiting for it" in printed.err

    # Without any Python on the path that fits, and without a network, what is there stays.
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(environments.Unfit, match=re.escape("it needs Python 2.7, and this machine has")):
        environments.interpreter(("2.7",))
    assert environments.make("tiny") == "is there"


def test_what_is_half_made_is_not_taken_for_whole(folder: Path) -> None:
    python, stamp = folder / "tiny" / "bin" / "python", folder / "tiny.digest"
    assert not environments.stands("tiny")
    python.parent.mkdir(parents=True)
    python.symlink_to("/nowhere/python")
    stamp.write_text(environments.digest("tiny"))
    assert not environments.stands("tiny")
    python.unlink()
    python.write_text("#!/bin/sh\necho 3.12\n")
    python.chmod(0o755)
    assert environments.stands("tiny")
    python.write_text("#!/bin/sh\necho 3.9\n")
    assert not environments.stands("tiny")
    python.write_text("#!/bin/sh\necho 3.12\n")
    (environments.REQUIREMENTS / "tiny.txt").write_text("pip\nwheel\n")
    assert not environments.stands("tiny")


def test_what_cannot_be_made_says_what_went_wrong_and_ends(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tiny").write_text("a file where a folder should be\n")
    with pytest.raises(SystemExit, match="make test-peers needs the environments of tiny; nothing was tested"):
        environments.main()
    assert "tiny: the environment cannot be made:" in capsys.readouterr().err
