"""What all tests share: the folder of shared facts, the browser, and the size and seed of long campaigns."""

import os
import random
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from tests import browser_setup

ROOT = Path(__file__).resolve().parent.parent

# Unit tests: they may open no socket at all, loopback included.
_WITHOUT_SOCKETS = tuple(ROOT / "tests" / name for name in ("core", "workflows", "render"))

_DEFAULT_SEED = 20261122
_DEFAULT_SHARE = 0.05


@dataclass(frozen=True)
class Campaign:
    """How much of a long campaign (faults, kills, properties, fuzzing) this run does, and from which seed."""

    seed: int
    """Repeats a run: every generator of the session is derived from it."""
    share: float
    """Above 0, at most 1, of the full counts; 1 under ``make soak``."""

    def rounds(self, full: int) -> int:
        """Return this run's part of ``full`` rounds, at least one."""
        return max(1, round(full * self.share))

    def generator(self, name: str) -> random.Random:
        """Return a generator for the campaign called ``name``, independent of all others and the same for each seed."""
        return random.Random(f"{self.seed}:{name}")


_CAMPAIGN = pytest.StashKey[Campaign]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take the campaign out of the environment: a product started by a test refuses DIAG_ names it does not know."""
    seed = os.environ.pop("DIAG_TEST_SEED", str(_DEFAULT_SEED))
    share = os.environ.pop("DIAG_TEST_SHARE", str(_DEFAULT_SHARE))
    try:
        campaign = Campaign(seed=int(seed), share=float(share))
    except ValueError as error:
        raise pytest.UsageError(
            f"DIAG_TEST_SEED must be a whole number and DIAG_TEST_SHARE a number: {error}"
        ) from error
    if not 0 < campaign.share <= 1:
        raise pytest.UsageError(f"DIAG_TEST_SHARE must lie above 0 and at most at 1, not {campaign.share}")
    config.stash[_CAMPAIGN] = campaign
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(campaign.seed)


def pytest_report_header(config: pytest.Config) -> str:
    campaign = config.stash[_CAMPAIGN]
    return (
        f"campaigns: {campaign.share:.0%} of the full counts (make soak: 100%), "
        f"repeat with DIAG_TEST_SEED={campaign.seed} DIAG_TEST_SHARE={campaign.share}"
    )


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> Campaign:
    """Give the seed and share of this run's long campaigns."""
    return request.config.stash[_CAMPAIGN]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of shared facts and cases; a clone without it lists the test by name with the reason."""
    folder = ROOT.parent / "shared"
    if (folder / "facts").is_dir():
        return folder
    reason = "needs ../shared (facts and cases), which lies beside the project's own checkout only"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Give the browser that Playwright starts by ``executable_path``, with ``tests.browser_setup.ARGUMENTS``."""
    path = browser_setup.find()
    if path is None:
        pytest.fail(
            "No Chromium was found: run `make test`, or `python -m tests.browser_setup`, which install one.",
            pytrace=False,
        )
    return path


@pytest.fixture(scope="session")
def az_python() -> Path:
    """Give the Python of the environment that holds the az CLI."""
    path = ROOT / ".venv-az" / "bin" / "python"
    if not path.exists():
        pytest.fail("The az CLI was not found in .venv-az: run `make test`, which installs it.", pytrace=False)
    return path


@pytest.fixture(scope="session")
def azurite_program() -> Path:
    """Give the script of the storage emulator's blob service, for Node."""
    path = ROOT / ".azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    if not path.exists():
        pytest.fail("Azurite was not found in .azurite: run `make test`, which installs it.", pytrace=False)
    return path


@pytest.fixture(autouse=True)
def _no_sockets_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if any(request.path.is_relative_to(folder) for folder in _WITHOUT_SOCKETS):
        for name in ("connect", "connect_ex", "bind"):
            monkeypatch.setattr(socket.socket, name, _refuse_socket)
        monkeypatch.setattr(socket, "getaddrinfo", _refuse_socket)


def _refuse_socket(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a unit test opened a socket: core, workflows and render are tested without any")
