"""Makes the environments of `make test-peers`, one for each file of tests/peers/requirements, and keeps them.

An environment is made anew when its requirements or its Python have changed. A peer for which this machine has no fit
Python, or which has no wheel for it, is left out by name, and its tests are skipped with the reason. Anything else that
goes wrong ends with what pip said.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.peers import ENVIRONMENTS, ROOT, reason_file

REQUIREMENTS = ROOT / "tests" / "peers" / "requirements"
HTTPX = "httpx==0.28.1"
"""What ews-client needs; every peer's bot has it."""
ANY = ("3.11", "3.12", "3.13")
PYTHONS = {"nautilus": ("3.12", "3.13"), "hummingbot": ("3.12",)}
"""The Pythons for which a peer, or what it needs, has wheels; ANY for the others."""
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")


class Unfit(Exception):
    """This machine cannot have a peer, and nothing is broken."""


def interpreter(versions: tuple[str, ...]) -> str:
    """A Python of one of these versions: the one that runs this, or on the path, or of pyenv. Raises Unfit."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if own in versions:
        return sys.executable
    for version in versions:
        of_pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
        for candidate in [shutil.which(f"python{version}"), *map(str, of_pyenv)]:
            # A shim of pyenv is there for versions that are not chosen as well.
            if candidate and subprocess.run([candidate, "-c", "import venv"], capture_output=True).returncode == 0:
                return candidate
    raise Unfit(f"it needs Python {' or '.join(versions)}, and this machine has {own} alone")


def digest(peer: str, python: str) -> str:
    """What an environment was made from."""
    files = [REQUIREMENTS / f"{peer}.txt", REQUIREMENTS / "alone" / f"{peer}.txt"]
    parts = [python, HTTPX, *(file.read_text(encoding="utf-8") for file in files if file.exists())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def run(*command: str) -> None:
    """Raises RuntimeError with the end of what the command said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-2000:])


def has_no_wheel(peer: str, said: str) -> bool:
    """Whether pip failed because there is no wheel of a peer for this machine; an outage is something else."""
    return f"No matching distribution found for {peer}" in said and "Retrying (" not in said


def make(peer: str) -> str:
    """Makes an environment where there is none of these requirements. Returns what was done. Raises RuntimeError."""
    folder, reason, stamp = ENVIRONMENTS / peer, reason_file(peer), ENVIRONMENTS / f"{peer}.digest"
    reason.unlink(missing_ok=True)
    begun = time.monotonic()
    try:
        python = interpreter(PYTHONS.get(peer, ANY))
        found = digest(peer, python)
        if (folder / "bin" / "python").exists() and stamp.exists() and stamp.read_text() == found:
            return "is there"
        shutil.rmtree(folder, ignore_errors=True)
        run(python, "-m", "venv", str(folder))
        inside = str(folder / "bin" / "python")
        # Nobody compiles a peer here for half an hour.
        wheels = ("--prefer-binary", "--only-binary", "nautilus_trader,hummingbot,numpy,pandas")
        alone = REQUIREMENTS / "alone" / f"{peer}.txt"
        try:
            run(inside, *_PIP, *wheels, HTTPX, "-r", str(REQUIREMENTS / f"{peer}.txt"))
            if alone.exists():
                run(inside, *_PIP, *wheels, "--no-deps", "-r", str(alone))
        except RuntimeError as error:
            if peer in PYTHONS and has_no_wheel(peer, str(error)):
                raise Unfit(str(error).splitlines()[-1].removeprefix("ERROR: ")) from None
            raise
    except Unfit as unfit:
        shutil.rmtree(folder, ignore_errors=True)
        reason.write_text(f"{peer} is left out: {unfit}\n", encoding="utf-8")
        return f"is left out: {unfit}"
    stamp.write_text(found)
    return f"was made in {time.monotonic() - begun:.0f} s"


def main() -> None:
    ENVIRONMENTS.mkdir(exist_ok=True)
    peers = sorted(file.stem for file in REQUIREMENTS.glob("*.txt"))
    failed = []
    with ThreadPoolExecutor(2) as pool:
        for peer, made in [(peer, pool.submit(make, peer)) for peer in peers]:
            try:
                print(f"{peer}: the environment {made.result()}", flush=True)
            except (RuntimeError, OSError) as error:
                failed.append(peer)
                print(f"{peer}: the environment cannot be made:\n{error}", file=sys.stderr, flush=True)
    if failed:
        sys.exit(f"make test-peers needs the environments of {', '.join(failed)}; nothing was tested")


if __name__ == "__main__":
    main()
