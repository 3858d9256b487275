"""What the documents tell people to type runs as printed, what they link is there, and what they list is complete."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client

from crypto_ews.conf.documents import env_example
from crypto_ews.management.commands.docreference import PAGES
from crypto_ews.ui import runbook
from events.enums import Category
from tests.support.daemon_process import ROOT, clean_environment

DOCUMENTS = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for file in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}
README = DOCUMENTS["README.md"]
ALL = "\n".join(DOCUMENTS.values())
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
_PYTHON = ".venv/bin/python"


def shell(script: str, tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment({"EWS_DATA_DIR": str(tmp_path / "data"), **changes})
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def mentioned(pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, ALL)))


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as web views of Markdown make them."""
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# -------------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name: str) -> None:
    text = re.sub(r"```.*?```", "", DOCUMENTS[name], flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://127.0.0.1", "https://")):
            continue
        path, _, heading = unquote(link).partition("#")
        target = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert target.exists(), f"{name} links {link}"
        if heading:
            assert heading in anchors(target.read_text(encoding="utf-8")), f"{name} links {link}"


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set(), ["README.md"]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in DOCUMENTS:
            continue
        reached.add(name)
        for link in re.findall(r"\]\(([^)\s#]+)", DOCUMENTS[name]):
            target = ((ROOT / name).parent / link).resolve()
            waiting += [str(target.relative_to(ROOT))] if target.is_relative_to(ROOT) else []
    assert reached == DOCUMENTS.keys()


def test_every_path_and_module_that_is_named_is_there() -> None:
    tops = "crypto_ews|markets|events|exchanges|alerts|streams|orderbooks|defillama|volatility|liquidity|migrations"
    for path in mentioned(rf"`((?:{tops}|tests|demo|benchmarks|docs)/[\w./-]*)`"):
        if "foo" not in path and "<" not in path:
            assert (ROOT / path).exists(), f"a document names {path}"
    for module in mentioned(r"-m ((?:tests|benchmarks|demo)[\w.]*)"):
        assert importlib.util.find_spec(module) is not None, f"a document runs {module}"


def test_the_readme_is_the_face_and_not_the_manual() -> None:
    assert len(README.encode()) < 10_000
    assert "For education only, no warranty" in README


# ----------------------------------------------------------------------------------------------------------- commands


@pytest.mark.parametrize("line", mentioned(r"`(?:\.venv/bin/python )?(manage\.py [a-z_]+[^`]*)`"))
def test_every_command_is_there_and_takes_the_options_that_are_told(line: str) -> None:
    name, *words = line.replace("\\|", "|").removeprefix("manage.py ").split()
    commands = get_commands()
    assert name in commands, f"a document tells of {line!r}"
    owner = commands[name]
    assert isinstance(owner, str)
    parser = load_command_class(owner, name).create_parser("manage.py", name)
    known = {option for action in parser._actions for option in action.option_strings}
    for option in re.findall(r"--[a-z-]+", " ".join(words)):
        assert option in known, f"a document tells of {option} in {line!r}"


@pytest.mark.parametrize("target", mentioned(r"(?m)(?:^|`)make ([a-z-]+)"))
def test_every_make_target_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"a document tells of make {target}"
    assert f'"make {target} ' in MAKEFILE, f"make help does not tell of {target}"


def test_the_example_of_explain_answers_as_printed(tmp_path: Path) -> None:
    (example,) = re.findall(r"```sh\n\$ (echo .*?)```", ALL, re.DOTALL)
    if not (ROOT / _PYTHON).exists():
        pytest.skip(f"{_PYTHON} is not there: the suite runs in another environment than make's")
    done = shell(example, tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    answer = json.loads(done.stdout)
    assert (answer["event"], answer["category"], answer["tickers"]) == (True, "delisting", ["AUCTION/USDC"])
    keys = re.findall(r"`(\w+)`", DOCUMENTS["docs/contracts/explain.md"].partition("| key |")[2].partition("Names")[0])
    assert answer.keys() <= set(keys)


@pytest.mark.django_db
@pytest.mark.parametrize("query", re.findall(r"```sql\n(.*?)```", ALL, re.DOTALL))
def test_every_query_runs_as_printed(query: str) -> None:
    from django.db import connection

    lines = [line.partition("--")[0] for line in query.splitlines()]
    with connection.cursor() as cursor:
        for statement in filter(str.strip, "\n".join(lines).split(";")):
            cursor.execute(statement)


def test_no_command_is_told_that_a_fresh_machine_does_not_have() -> None:
    """`python` alone is the system's: it has no Django, and on Debian there is none of that name."""
    bare = re.findall(r"^.*(?<![\w/.])python3? (?:manage\.py|-m (?!venv)).*$", ALL, re.MULTILINE)
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


# ---------------------------------------------------------------------------------------------------------- reference


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_code_declares(name: str) -> None:
    assert DOCUMENTS[f"docs/reference/{name}.md"] == PAGES[name](), f"manage.py docreference {name} makes it anew"


def test_every_variable_that_is_named_is_declared() -> None:
    declared = set(re.findall(r"^#([A-Z_]+)=", env_example(), re.MULTILINE)) | {"FORWARDED_ALLOW_IPS"}
    named = set(re.findall(r"`([A-Z]{3,}(?:_[A-Z]+)+)(?:=[^`]*)?`", "\n".join(
        text for name, text in DOCUMENTS.items() if not name.startswith("docs/glossary")
    )))  # fmt: skip
    constants = {"INSTRUMENT_UPDATERS", "INSTALLED_APPS", "MIGRATION_MODULES"}
    venues = {name for name in named if name.startswith("BINANCE_") and name not in declared}
    assert named - declared - constants - venues == set()
    assert venues <= {"BINANCE_USDM", "BINANCE_COINM", "BINANCE_MARGIN", "BINANCE_OPTIONS"}


def test_dashboard_and_rules_use_metrics_that_are_documented() -> None:
    documented = set(re.findall(r"ews_[a-z_]+", DOCUMENTS["docs/operations/metrics.md"]))
    for file in ("docs/operations/grafana.json", "docs/prometheus-rules.yml"):
        used = set(re.findall(r"ews_[a-z_]+", (ROOT / file).read_text(encoding="utf-8")))
        assert used
        for name in used:
            assert re.sub(r"_(?:bucket|total)$", "", name) in documented, f"{file} asks for {name}"


# ------------------------------------------------------------------------------------------------------------ runbook


@pytest.mark.parametrize("name", [*Category.values, "digest", "notice"])
def test_every_card_has_a_page_that_says_what_to_do(client: Client, name: str) -> None:
    text = DOCUMENTS[f"docs/cards/{name}.md"]
    assert "## What to do" in text and "## When it ends" in text
    assert f"({name}.md)" in DOCUMENTS["docs/cards/README.md"]
    answer = client.get(f"/runbook/{name}/")
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert f"<h1>{text.partition(chr(10))[0].removeprefix('# ')}</h1>" in shown
    assert "<h2>What to do</h2>" in shown and ".md" not in shown


def test_the_index_of_the_runbook_links_pages_that_answer(client: Client) -> None:
    shown = client.get("/runbook/").content.decode()
    links = re.findall(r'href="\./(\w+)/"', shown)
    assert set(links) == {*Category.values, "digest", "notice"}
    assert "<table>" in shown
    assert client.get("/runbook/nothing/").status_code == 404
    assert client.get("/runbook/..%2f..%2fREADME/").status_code == 404
    with pytest.raises(KeyError):
        runbook.page("../alerts")
