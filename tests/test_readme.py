"""What the README tells people to type runs as printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.support.daemon_process import ROOT, clean_environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
_PYTHON = ".venv/bin/python"


def shell(script: str, tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment({"EWS_DATA_DIR": str(tmp_path / "data"), **changes})
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def mentioned(pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, README)))


@pytest.mark.parametrize("line", mentioned(r"`(manage\.py [a-z_]+[^`]*)`"))
def test_every_command_is_there_and_takes_the_options_that_are_told(line: str) -> None:
    name, *words = line.replace("\\|", "|").removeprefix("manage.py ").split()
    commands = get_commands()
    assert name in commands, f"README tells of {line!r}"
    owner = commands[name]
    assert isinstance(owner, str)
    parser = load_command_class(owner, name).create_parser("manage.py", name)
    known = {option for action in parser._actions for option in action.option_strings}
    for option in re.findall(r"--[a-z-]+", " ".join(words)):
        assert option in known, f"README tells of {option} in {line!r}"


@pytest.mark.parametrize("target", mentioned(r"(?m)(?:^|`)make ([a-z]+)"))
def test_every_make_target_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"README tells of make {target}"
    assert f'"make {target} ' in MAKEFILE, f"make help does not tell of {target}"


def test_the_example_of_explain_answers_as_printed(tmp_path: Path) -> None:
    (example,) = re.findall(r"```sh\n\$ (echo .*?)```", README, re.DOTALL)
    if not (ROOT / _PYTHON).exists():
        pytest.skip(f"{_PYTHON} is not there: the suite runs in another environment than make's")
    done = shell(example, tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    answer = json.loads(done.stdout)
    assert (answer["event"], answer["category"], answer["tickers"]) == (True, "delisting", ["AUCTION/USDC"])


def test_no_command_is_told_that_a_fresh_machine_does_not_have() -> None:
    """`python` alone is the system's: it has no Django, and on Debian there is none of that name."""
    bare = re.findall(r"^.*(?<![\w/.])python3? (?:manage\.py|-m (?!venv)).*$", README, re.MULTILINE)
    assert [line for line in bare if "make shell" not in line] == []


def test_a_python_without_django_says_which_one_has_it(tmp_path: Path) -> None:
    done = shell(f"{shlex.quote(os.path.realpath('/usr/bin/env'))} python3 -S manage.py check", tmp_path)
    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert ".venv/bin/python manage.py" in said


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    # In an empty folder: here the environment may stand already, and make has nothing to do.
    done = shell(
        f"make -f {ROOT}/Makefile -C {shlex.quote(str(tmp_path))} -o requirements.txt run PYTHON=nosuch", tmp_path
    )
    assert done.returncode != 0
    assert "PYTHON was nosuch, expected a Python 3.11 or newer" in done.stderr
