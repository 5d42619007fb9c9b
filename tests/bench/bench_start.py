"""How soon the first page comes, and how soon a pasted error is explained; each from a new process."""

import os
import re
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROUNDS = 5
_DIAG = [sys.executable, "-m", "diag"]
_TEXT = "AADSTS7000222: The provided client secret keys for app '11111111-1111-1111-1111-111111111111' are expired."


def _page(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  our own loopback address
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


def _first_page(data: Path) -> float:
    """Seconds from starting the process to the overview's first byte."""
    environment = {**os.environ, "DIAG_DATA_DIR": str(data), "PORT": "0"}
    started = time.perf_counter()
    command = [*_DIAG, "serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        while not _page(f"{address.group()}/"):
            time.sleep(0.02)
        seconds = time.perf_counter() - started
        process.terminate()
    return seconds


def _explained() -> float:
    started = time.perf_counter()
    subprocess.run([*_DIAG, "explain", _TEXT], check=True, capture_output=True)
    return time.perf_counter() - started


def bench_first_page(tmp_path: Path) -> None:
    empty = [_first_page(tmp_path / str(number)) for number in range(ROUNDS)]
    warm = [_first_page(tmp_path / "0") for _ in range(ROUNDS)]
    print(f"\nfirst page, empty data folder  {statistics.median(empty):.2f} s (slowest {max(empty):.2f} s)")
    print(f"first page, warm               {statistics.median(warm):.2f} s (slowest {max(warm):.2f} s)")


def bench_explain() -> None:
    _explained()
    times = sorted(_explained() for _ in range(4 * ROUNDS))
    print(f"\ndiag explain, new process      {statistics.median(times):.3f} s (slowest {times[-1]:.3f} s)")
