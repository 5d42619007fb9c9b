"""Finds the headless Chromium that browser tests drive, and installs one where there is none.

Run as ``python -m tests.browser_setup`` by ``make test``; ``find`` is what the fixture ``chromium_path`` uses.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Keeps the browser from calling home, and lets it start as root and in containers with a small /dev/shm.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find() -> Path | None:
    """Return a Chromium that starts: the system's, else the one Playwright downloaded, else None."""
    on_path = [found for name in _NAMES if (found := shutil.which(name))]
    candidates = [Path(path) for path in (*on_path, *_MAC_APPLICATIONS)]
    return next((path for path in candidates if _starts(path)), None) or _playwrights_own()


def _starts(path: Path) -> bool:
    """Say whether the file is a browser: some systems put a script there that only advises to install one."""
    if not path.is_file():
        return False
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright  # Slow to import, and needed only here.

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if _starts(path) else None


def install() -> None:
    """Install Chromium: by Debian's packages as root on Debian, by Playwright everywhere else. Prints what it runs."""
    is_root = os.geteuid() == 0
    if is_root and Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if _run("apt-get", "update", "-qq", env=quiet):
            _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", env=quiet)
    if find() is None:
        with_libraries = ["--with-deps"] if is_root and sys.platform == "linux" else []
        _run(sys.executable, "-m", "playwright", "install", *with_libraries, "chromium")


def _run(*command: str, env: dict[str, str] | None = None) -> bool:
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, env=env, check=False).returncode == 0


def main() -> int:
    if find() is None:
        print("No Chromium for the browser tests yet; installing one.", flush=True)
        install()
    path = find()
    if path is None:
        print(
            "No Chromium could be found or installed. Install Chromium or Google Chrome so that it is on PATH "
            "(Debian: apt-get install chromium), then run make test again.",
            file=sys.stderr,
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
