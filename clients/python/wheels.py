"""Builds the wheel and tests it as it is installed: on each Python from 3.10 to 3.13 that this machine has.

`make test-client` runs it from the project. Each interpreter gets a virtual environment with the wheel and pytest, and
nothing of the project: no Django, no psycopg, no source folder.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
SQL = ["psycopg[binary]>=3.1,<4"]
VERSIONS = ("3.10", "3.11", "3.12", "3.13")


def interpreters() -> dict[str, str]:
    """The interpreters by version: on the path, or of pyenv."""
    found: dict[str, str] = {}
    for version in VERSIONS:
        of_pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
        for candidate in [shutil.which(f"python{version}"), *map(str, of_pyenv)]:
            # A shim of pyenv is there for versions that are not chosen as well.
            if candidate and subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
                found[version] = candidate
                break
    return found


def run(*command: str | Path, cwd: Path = HERE) -> str:
    """Output of a command. Raises SystemExit with it where the command fails."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-6000:]}{done.stderr[-6000:]}")
    return done.stdout


def built(python: str, folder: Path) -> Path:
    """The wheel, built from the source distribution as a stranger would, with its content checked: no file too many."""
    run(python, "-m", "venv", folder / "build")
    inside = folder / "build" / "bin" / "python"
    run(inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "hatchling==1.27.0")
    run(inside, "-m", "hatchling", "build", "-t", "sdist", "-d", folder)
    (source,) = folder.glob("*.tar.gz")
    run(inside, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"ews_client/py.typed", "ews_client/command.py", "ews_client/sql.py"} <= set(names), names
    assert any(name.endswith("licenses/LICENSE") for name in names), names
    assert all(name.startswith(("ews_client/", "ews_client-")) for name in names), names
    (metadata,) = (name for name in names if name.endswith("METADATA"))
    required = [
        line
        for line in zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
        if line.startswith("Requires-Dist") and "extra ==" not in line
    ]
    assert required == ["Requires-Dist: httpx<1,>=0.27"], required
    return wheel


def tested(version: str, python: str, wheel: str | Path, folder: Path, extra: list[str], chosen: list[str]) -> str:
    """The verdict of the chosen tests on one interpreter."""
    home = folder / f"venv-{version}"
    run(python, "-m", "venv", home)
    inside = home / "bin" / "python"
    run(inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, "pytest==8.4.2", *extra)
    where = run(inside, "-c", "import ews_client; print(ews_client.__file__)", cwd=folder).strip()
    assert where.startswith(str(home)), where
    run(inside, "-m", "pip", "check", "--disable-pip-version-check")
    present = "import importlib.util as u; print([n for n in ('django', 'psycopg', 'psycopg2') if u.find_spec(n)])"
    assert run(inside, "-c", present, cwd=folder).strip() == str(["psycopg"] if extra == SQL else [])
    assert run(home / "bin" / "ews", "--version", cwd=folder).startswith("ews ")
    tests = folder / f"tests-{version}"
    shutil.copytree(HERE / "tests", tests, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "pyproject.toml", folder)
    command: list[str | Path] = [inside, "-W", "error::ResourceWarning", "-m", "pytest", "-q", *chosen, tests]
    return run(*command, cwd=folder).splitlines()[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--python", action="append", choices=VERSIONS, help="only this version; may be repeated")
    parser.add_argument("--extras", action="store_true", help="also with the oldest httpx, and with psycopg")
    given = parser.parse_args()
    found = {version: path for version, path in interpreters().items() if not given.python or version in given.python}
    if not found:
        raise SystemExit(f"no Python was found, expected one of {', '.join(given.python or VERSIONS)}")
    with tempfile.TemporaryDirectory(prefix="ews-client-") as name:
        folder = Path(name)
        wheel = built(sys.executable, folder)
        (oldest, path), newest = next(iter(found.items())), list(found)[-1]
        # The tests that take longest do not depend on the interpreter; the rest runs on each.
        jobs: list[tuple[str, str, str, list[str], list[str]]] = [
            (f"Python {version}", version, found[version], [], [] if version == newest else ["-m", "not long"])
            for version in found
        ]
        if given.extras:
            jobs.append((f"Python {oldest}, httpx 0.27.0", oldest, path, ["httpx==0.27.0"], ["-m", "not long"]))
            jobs.append((f"Python {oldest}, psycopg", oldest, path, SQL, ["-k", "test_sql"]))

        def verdict(number: int) -> str:
            name, version, interpreter, extra, chosen = jobs[number]
            place = folder / f"job-{number}"
            place.mkdir()
            return f"{name}: {tested(version, interpreter, wheel, place, extra, chosen)}"

        with ThreadPoolExecutor(2) as pool:
            for line in pool.map(verdict, range(len(jobs))):
                print(line, flush=True)
    missing = [version for version in VERSIONS if version not in found and not given.python]
    print(f"not here, so not tested: {', '.join(missing)}" if missing else "every version was tested")


if __name__ == "__main__":
    main()
