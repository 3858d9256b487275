"""Makes the environments of `make test-peers`, one for each file of tests/peers/requirements, and keeps them.

An environment is made anew when its requirements have changed or its Python is gone. One that is there needs no network
and no Python on the path. Two runs at once wait for each other. A peer for which this machine has no fit
Python, or which has no wheel for it, is left out by name, and its tests are skipped with the reason. Anything else that
goes wrong ends with what pip said.
"""

from __future__ import annotations

import fcntl
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
            # Debian's Python may lack ensurepip.
            if (
                candidate
                and subprocess.run([candidate, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0
            ):
                return candidate
    raise Unfit(f"it needs Python {' or '.join(versions)}, and this machine has {own} alone")


def digest(peer: str) -> str:
    """What an environment was made from."""
    files = [REQUIREMENTS / f"{peer}.txt", REQUIREMENTS / "alone" / f"{peer}.txt", REQUIREMENTS / f"{peer}.npm"]
    parts = [HTTPX, *(file.read_text(encoding="utf-8") for file in files if file.exists())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def stands(peer: str) -> bool:
    """Whether an environment was made to its end, from these requirements, and its Python is one that fits and runs."""
    python, stamp = ENVIRONMENTS / peer / "bin" / "python", ENVIRONMENTS / f"{peer}.digest"
    if not python.exists() or not stamp.exists() or stamp.read_text() != digest(peer):
        return False
    asked = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    ran = subprocess.run(asked, capture_output=True, text=True)
    return ran.returncode == 0 and ran.stdout.strip() in PYTHONS.get(peer, ANY)


def run(*command: str) -> None:
    """Raises RuntimeError with the end of what the command said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-2000:])


def has_no_wheel(peer: str, said: str) -> bool:
    """Whether pip failed because there is no wheel of a peer for this machine; an outage is something else."""
    return f"No matching distribution found for {peer}" in said and "Retrying (" not in said


def make_of_npm(peer: str) -> str:
    """Installs what a peer's .npm file names, unless it is there. Returns what was done. Raises RuntimeError."""
    folder, reason, stamp = ENVIRONMENTS / peer, reason_file(peer), ENVIRONMENTS / f"{peer}.digest"
    reason.unlink(missing_ok=True)
    begun = time.monotonic()
    if folder.exists() and stamp.exists() and stamp.read_text() == digest(peer):
        return "is there"
    npm = shutil.which("npm")
    if npm is None:
        reason.write_text(f"{peer} is left out: it comes from npm, and this machine has none\n", encoding="utf-8")
        return "is left out: this machine has no npm"
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    packages = (REQUIREMENTS / f"{peer}.npm").read_text(encoding="utf-8").split()
    run(npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *packages)
    stamp.write_text(digest(peer))
    return f"was made in {time.monotonic() - begun:.0f} s"


def make(peer: str) -> str:
    """Makes an environment where there is none of these requirements. Returns what was done. Raises RuntimeError."""
    folder, reason, stamp = ENVIRONMENTS / peer, reason_file(peer), ENVIRONMENTS / f"{peer}.digest"
    reason.unlink(missing_ok=True)
    begun = time.monotonic()
    try:
        if stands(peer):
            return "is there"
        python = interpreter(PYTHONS.get(peer, ANY))
        # First: what is half made must not look like what was there before.
        stamp.unlink(missing_ok=True)
        if folder.exists():
            shutil.rmtree(folder)
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
    stamp.write_text(digest(peer))
    return f"was made in {time.monotonic() - begun:.0f} s"


def main() -> None:
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"another run makes environments in {ENVIRONMENTS}: waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        make_all()


def make_all() -> None:
    """Makes what is missing. Ends the process where one cannot be made."""
    makers = {file.stem: make for file in sorted(REQUIREMENTS.glob("*.txt"))}
    makers |= {file.stem: make_of_npm for file in sorted(REQUIREMENTS.glob("*.npm"))}
    failed = []
    with ThreadPoolExecutor(2) as pool:
        for peer, made in [(peer, pool.submit(maker, peer)) for peer, maker in makers.items()]:
            try:
                print(f"{peer}: the environment {made.result()}", flush=True)
            except (RuntimeError, OSError) as error:
                failed.append(peer)
                print(f"{peer}: the environment cannot be made:\n{error}", file=sys.stderr, flush=True)
    if failed:
        sys.exit(f"make test-peers needs the environments of {', '.join(failed)}; nothing was tested")


if __name__ == "__main__":
    main()
