"""Strangers at the web pages of a real daemon: `python -m tests.crash.web_flood`. Loopback only, ends in a minute.

1,500 silent connections and as many that say a letter, 50 posts that drip, a post of 400 MB, 300 wrong passwords and
1,000 foreign host names, from another process, while /healthz is asked ten times a second. Exit code 1 where it took
longer than 100 ms, the log grew by 1 MB, or the disk was used.
"""

from __future__ import annotations

import contextlib
import http.client
import resource
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from statistics import quantiles

from tests.support.daemon_process import DaemonProcess, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.ports import free_port
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer

HEALTH_BOUND_SECONDS = 0.1
# 1,500 that say a letter each have to be accepted and cut off, a tenth of a millisecond each; who comes then waits.
NEARLY_SILENT_BOUND_SECONDS = 0.25
LOG_BOUND_BYTES = 1_000_000
SILENT, SLOW_POSTS, WRONG_PASSWORDS, FOREIGN_HOSTS = 1500, 50, 300, 1000
POST_BYTES = 400_000_000


def _ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        line.close()


def silent(port: int) -> Counter[int]:
    lines = []
    for _ in range(SILENT):
        with contextlib.suppress(OSError):
            lines.append(socket.create_connection(("127.0.0.1", port), timeout=5))
    time.sleep(3)
    for line in lines:
        line.close()
    return Counter({200: len(lines)})


def nearly_silent(port: int) -> Counter[int]:
    """The kernel keeps those that say nothing at all; these say one letter."""
    lines = []
    for _ in range(SILENT):
        with contextlib.suppress(OSError):
            line = socket.create_connection(("127.0.0.1", port), timeout=5)
            lines.append(line)
            line.sendall(b"G")
    time.sleep(3)
    for line in lines:
        line.close()
    return Counter({200: len(lines)})


def slow_posts(port: int) -> Counter[int]:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(SLOW_POSTS)]
    for line in lines:
        line.sendall(b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(50):
        for line in lines:
            with contextlib.suppress(OSError):
                line.sendall(b"x")
        time.sleep(0.1)
    for line in lines:
        line.close()
    return Counter()


def large_post(port: int) -> Counter[int]:
    found: Counter[int] = Counter()
    for head in (f"Content-Length: {POST_BYTES}", "Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line, contextlib.suppress(OSError):
            line.sendall(f"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n".encode())
            piece = b"x" * 65536 if "Length" in head else b"10000\r\n" + b"x" * 65536 + b"\r\n"
            for _ in range(POST_BYTES // 65536):
                line.sendall(piece)
            found[-1] += 1  # all of it was taken
    return found


def wrong_passwords(port: int) -> Counter[int]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(b"GET /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        page = b""
        while more := line.recv(65536):
            page += more
    token = page.split(b"csrftoken=")[1].split(b";")[0].decode()
    body = f"username=admin&password=wrong&csrfmiddlewaretoken={token}".encode()
    headers = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token}"}
    return Counter(_ask(port, "POST", "/admin/login/", body, **headers) for _ in range(WRONG_PASSWORDS))


def foreign_hosts(port: int) -> Counter[int]:
    return Counter(_ask(port, "GET", "/admin/", Host=f"evil{number}.example") for number in range(FOREIGN_HOSTS))


def main() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    port = free_port()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, ThrowawayCluster() as url, UpstreamServer() as upstream:
        log, spool = Path(scratch) / "log", Path(scratch) / "tmp"
        spool.mkdir()
        environment = loopback_environment(upstream, DATABASE_URL=url, TMPDIR=str(spool), PORT=str(port))
        manage("migrate", "--verbosity", "0", environment=environment)
        with (
            log.open("wb") as output,
            DaemonProcess(
                environment, "--serve", f"127.0.0.1:{port}", "--only", "binance.status", output=output
            ) as daemon,
        ):
            eventually(lambda: _ask(port, "GET", "/healthz") == 200, 30, "the daemon leads")
            for attack in (silent, nearly_silent, slow_posts, large_post, wrong_passwords, foreign_hosts):
                before = log.stat().st_size
                took, seen, spooled = _during(port, spool, attack)
                grown = log.stat().st_size - before
                worst = max(took)
                print(
                    f"{attack.__name__:16} answers {dict(seen)}  /healthz {len(took)} times: median"
                    f" {quantiles(took, n=2)[0] * 1000:.0f} ms, worst {worst * 1000:.0f} ms;"
                    f" log +{grown:,} bytes; spooled {spooled:,} bytes"
                )
                bound = NEARLY_SILENT_BOUND_SECONDS if attack is nearly_silent else HEALTH_BOUND_SECONDS
                if worst > bound:
                    faults.append(f"{attack.__name__}: /healthz took {worst:.3f} s, at most {bound} s")
                if spooled:
                    faults.append(f"{attack.__name__}: {spooled:,} bytes were spooled to disk")
                if -1 in seen:
                    faults.append(f"{attack.__name__}: all of a post of {POST_BYTES:,} bytes was taken")
            if log.stat().st_size > LOG_BOUND_BYTES:
                faults.append(f"the log grew to {log.stat().st_size:,} bytes, at most {LOG_BOUND_BYTES:,}")
            if daemon.process.poll() is not None:
                faults.append(f"the daemon ended with {daemon.process.returncode}")
            elif (code := daemon.terminate()) != 0:
                faults.append(f"the daemon ended with {code}, expected 0")
    for fault in faults:
        print(f"FAULT: {fault}")
    print("holds" if not faults else "does not hold")
    return 1 if faults else 0


def _during(port: int, spool: Path, attack: Callable[[int], Counter[int]]) -> tuple[list[float], Counter[int], int]:
    """How long /healthz took meanwhile, in seconds; the attack's answers; the most that lay in the spool folder."""
    # In a process of its own: what it costs to attack must not be measured.
    answers: SimpleQueue[Counter[int]] = get_context("fork").SimpleQueue()
    attacker = get_context("fork").Process(target=lambda: answers.put(attack(port)), daemon=True)
    attacker.start()
    took: list[float] = []
    spooled = 0
    # After the attack a little longer: what is left of it must not hurt either.
    until = time.monotonic() + 60
    rest = 5
    while time.monotonic() < until and rest:
        began = time.monotonic()
        if _ask(port, "GET", "/healthz") != 200:
            took.append(99.0)
        took.append(time.monotonic() - began)
        spooled = max(spooled, sum(file.stat().st_size for file in spool.glob("*") if file.is_file()))
        rest -= not attacker.is_alive()
        time.sleep(0.1)
    attacker.join(1)
    return took, Counter() if answers.empty() else answers.get(), spooled


if __name__ == "__main__":
    sys.exit(main())
