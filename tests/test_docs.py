"""What the documents tell people to type runs as printed, what they link is there, and what they list is complete."""

from __future__ import annotations

import importlib.util
import json
import os
import pkgutil
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client

from alerts.rendering import phrases, subjects
from crypto_ews.conf.documents import env_example
from crypto_ews.management.commands.docreference import PAGES
from crypto_ews.ui import runbook
from events import clock, registry
from events.enums import Action, Category
from events.lifecycle import default_rules
from events.models import Heartbeat
from tests.support.daemon_process import ROOT, clean_environment

DOCUMENTS = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for file in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}
README = DOCUMENTS["README.md"]
# Names of sources look like those of modules.
SOURCES = set(re.findall(r"`([\w.]+)`", DOCUMENTS["docs/operations/health.md"].partition("## Sources")[2]))
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


def without_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def links(text: str) -> list[str]:
    """Where a page's links and pictures lead: `[a](b)`, `[a](b "title")`, `[a](<b>)`, `[a]: b`."""
    inline = re.findall(r"\]\(\s*<?([^)>\s]+)>?(?:\s+[\"'(][^)]*)?\s*\)", without_code(text))
    return inline + re.findall(r"^ {0,3}\[[^\]]+\]: *<?([^>\s]+)", without_code(text), re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as web views of Markdown make them."""
    headings = re.findall(r"^#+ +(.+)$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# -------------------------------------------------------------------------------------------------------------- links


def test_links_are_found_however_they_are_written() -> None:
    text = '[a](b.md) ![c](d.png "title") [e](<f.md#g>) ```[h](i.md)``` [j][k]\n\n[k]: l.md\n'
    assert links(text) == ["b.md", "d.png", "f.md#g", "l.md"]
    assert anchors("# One, two\n```sh\n# three\n```\n") == {"one-two"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name: str) -> None:
    for link in links(DOCUMENTS[name]):
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
        for link in links(DOCUMENTS[name]):
            target = ((ROOT / name).parent / link.partition("#")[0]).resolve()
            waiting += [str(target.relative_to(ROOT))] if target.is_relative_to(ROOT) else []
    assert reached == DOCUMENTS.keys()
    pictures = {str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.png")}
    shown = {
        str(((ROOT / name).parent / link).resolve().relative_to(ROOT))
        for name, text in DOCUMENTS.items()
        for link in links(text)
        if link.endswith(".png")
    }
    assert shown == pictures


def test_every_path_and_module_that_is_named_is_there() -> None:
    tops = "crypto_ews|markets|events|exchanges|alerts|streams|orderbooks|defillama|volatility|liquidity|migrations"
    for path in mentioned(rf"`((?:{tops}|tests|demo|benchmarks|docs)/[\w./-]*)`"):
        if "foo" not in path and "<" not in path:
            assert (ROOT / path).exists(), f"a document names {path}"
    # `alerts.delivery.retry`, `events.models.Event`, and names of packages that are offered by their `__init__`.
    for name in mentioned(rf"`((?:{tops})\.[a-zA-Z_][\w.]*)`"):
        if name not in SOURCES:
            assert pkgutil.resolve_name(name) is not None, f"a document names {name}"
    for module in mentioned(r"-m ((?:tests|benchmarks|demo)[\w.]*)"):
        assert importlib.util.find_spec(module) is not None, f"a document runs {module}"


def test_the_readme_is_the_face_and_not_the_manual() -> None:
    assert len(README.encode()) < 10_000
    assert "For education only, no warranty" in README


# ----------------------------------------------------------------------------------------------------------- commands


# In running text, and in what is to be copied: the shell examples, the systemd unit.
_COMMANDS = mentioned(r"`(?:\.venv/bin/python )?(manage\.py [a-z_]+[^`]*)`") + sorted(
    {
        line
        for block in re.findall(r"```(?:sh|ini)\n(.*?)```", ALL, re.DOTALL)
        for line in re.findall(r"(manage\.py [a-z_]+.*)", block)
    }
)


@pytest.mark.parametrize("line", _COMMANDS)
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


@pytest.mark.long
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


def test_a_selection_of_tests_that_is_printed_selects_some() -> None:
    printed = re.findall(r"-m pytest (tests/\S+) -k (\w+)", ALL)
    assert printed
    for file, word in printed:
        assert re.search(rf"^def test_\w*{word}", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), (file, word)


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
    sources = (ROOT / "clients/python/src").rglob("*.py")
    of_the_client = {
        name for file in sources for name in re.findall(r'"(EWS_[A-Z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert named - declared - constants - venues - of_the_client == set()
    assert venues <= {"BINANCE_USDM", "BINANCE_COINM", "BINANCE_MARGIN", "BINANCE_OPTIONS"}


_METRICS = set(re.findall(r"`(ews_[a-z_]+)`", DOCUMENTS["docs/operations/metrics.md"]))


def test_dashboard_and_rules_use_metrics_that_are_documented() -> None:
    for file in ("docs/operations/grafana.json", "docs/prometheus-rules.yml"):
        used = set(re.findall(r"ews_[a-z_]+", (ROOT / file).read_text(encoding="utf-8")))
        assert used
        for name in used:
            assert name.removesuffix("_bucket") in _METRICS, f"{file} asks for {name}"


@pytest.mark.django_db
def test_metrics_are_documented_under_the_names_that_prometheus_reads(client: Client) -> None:
    import api.bots.mqtt_metrics
    import api.gateway  # noqa: F401  the front has metrics of its own, and is loaded when it first serves

    Heartbeat.objects.create(beat_at=clock.now())
    answer = client.get("/metrics").content.decode()
    families = set(re.findall(r"^# TYPE (ews_(?!streams_)\w+) \w+$", answer, re.MULTILINE))
    # Beside a counter that has counted there is the time at which it began.
    assert {family for family in families if not family.endswith("_created")} == _METRICS


def test_every_source_that_can_be_named_is_documented() -> None:
    table = DOCUMENTS["docs/operations/health.md"].partition("## Sources")[2].partition("\n## ")[0]
    named = {name for row in table.splitlines() if "not for `--only`" not in row
             for name in re.findall(r"`([\w.]+)`", row.partition(" | ")[0])}  # fmt: skip
    assert named == registry.updater_factories().keys()


# ------------------------------------------------------------------------------------------------------------ runbook


@pytest.mark.parametrize("name", [*Category.values, "digest", "notice", "review"])
def test_every_card_has_a_page_that_says_what_to_do(client: Client, name: str) -> None:
    text = DOCUMENTS[f"docs/cards/{name}.md"]
    assert "## What to do" in text and "## When it ends" in text
    assert f"({name}.md)" in DOCUMENTS["docs/cards/README.md"]
    answer = client.get(f"/runbook/{name}/")
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert f"<h1>{text.partition(chr(10))[0].removeprefix('# ')}</h1>" in shown
    assert "<h2>What to do</h2>" in shown and ".md" not in shown
    # Only what is served is linked: a link to another document would lead to the index, which answers nothing.
    links = re.findall(r'<a href="([^"]*)"', shown)
    assert links[-1] == "../" and links.count("../") == 1
    for link in links[:-1]:
        assert client.get(f"/runbook/{link.removeprefix('../')}").status_code == 200


@pytest.mark.parametrize("name", sorted({category for category, *_ in default_rules._ACTIONS}))
def test_a_card_s_page_names_the_actions_and_the_retention_of_the_shipped_rules(name: str) -> None:
    text = DOCUMENTS[f"docs/cards/{name}.md"]
    bots = text.partition("## What bots do")[2].partition("## ")[0]
    actions = {action for category, _, action, *_ in default_rules._ACTIONS if category == name}
    assert set(re.findall(r"`([a-z_]+)`", bots)) & set(Action.values) == actions
    ends = text.partition("## When it ends")[2].lower()
    for undated, dated in [days for category, *days in default_rules._RETENTION if category == name]:
        spelled = {{7: "seven", 30: "30"}[int(days)] for days in (undated, dated)}
        assert {word for word in ("seven", "30") if f"{word} days" in ends} == spelled, name


def test_the_words_of_a_card_s_headline_and_action_are_explained() -> None:
    words = DOCUMENTS["docs/cards/README.md"].partition("## Words on every card")[2].lower()
    shown = {*phrases._REASONS.values(), *map(subjects.action_label, Action.values)}
    assert {
        word for word in shown if word.lower().replace(" ", "_") not in words and word.lower() not in words
    } == set()


def test_the_index_of_the_runbook_links_pages_that_answer(client: Client) -> None:
    shown = client.get("/runbook/").content.decode()
    links = re.findall(r'href="\./(\w+)/"', shown)
    assert set(links) == {*Category.values, "digest", "notice", "review"}
    assert "<table>" in shown
    assert client.get("/runbook/nothing/").status_code == 404
    assert client.get("/runbook/..%2f..%2fREADME/").status_code == 404
    with pytest.raises(KeyError):
        runbook.page("../alerts")
