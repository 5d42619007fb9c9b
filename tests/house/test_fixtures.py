"""The fixtures that all tests share, tried in a small clone of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = {
    "tests/core/test_it.py": """
import socket
from tests.conftest import Campaign

def test_reads_the_facts(shared): assert (shared / "facts").is_dir()
def test_opens_a_socket(): socket.create_connection(("127.0.0.1", 9), timeout=1)
def test_says_its_campaign(campaign, capsys):
    with capsys.disabled():
        print("rounds", campaign.rounds(1000), campaign.rounds(3), campaign.generator("kills").random())
""",
    "tests/adapters/test_it.py": """
import os, socket

def test_listens_on_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
def test_hands_no_campaign_to_the_product(): assert not [name for name in os.environ if name.startswith("DIAG_TEST_")]
def test_warns():
    import warnings
    warnings.warn("careless")
""",
}


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "beside" / "clone"
    for name, text in TESTS.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("pyproject.toml", "tests/conftest.py", "tests/browser_setup.py"):
        shutil.copy(root / name, folder / name)
    return folder


def _pytest(clone: Path, *arguments: str, **variables: str) -> str:
    plain = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    said = subprocess.run(
        command, cwd=clone, env={**plain, **variables}, capture_output=True, text=True, check=False, timeout=60
    )
    return said.stdout + said.stderr


def test_a_clone_without_the_shared_folder_lists_the_test_by_name_with_the_reason(clone: Path) -> None:
    said = _pytest(clone, "-k", "facts")
    assert "SKIPPED tests/core/test_it.py::test_reads_the_facts - Skipped: needs ../shared" in said


def test_continuous_integration_fails_without_the_shared_folder(clone: Path) -> None:
    said = _pytest(clone, "-k", "facts", CI="true")
    assert "ERROR tests/core/test_it.py::test_reads_the_facts - Failed: needs ../shared" in said


def test_the_shared_folder_is_found_beside_the_checkout(clone: Path) -> None:
    (clone.parent / "shared" / "facts").mkdir(parents=True)
    assert "1 passed" in _pytest(clone, "-k", "facts")


def test_sockets_are_refused_in_unit_tests_only(clone: Path) -> None:
    said = _pytest(clone, "-k", "socket or loopback")
    assert "a unit test opened a socket" in said
    assert "1 failed, 1 passed" in said


def test_a_warning_fails_a_test(clone: Path) -> None:
    assert "UserWarning: careless" in _pytest(clone, "-k", "warns")


def test_the_same_seed_and_share_repeat_a_campaign_and_the_header_names_them(clone: Path) -> None:
    first, again, other = (
        _pytest(clone, "-k", "campaign", DIAG_TEST_SEED=seed, DIAG_TEST_SHARE="0.2") for seed in ("7", "7", "8")
    )
    rounds = [next(line for line in said.splitlines() if "rounds" in line) for said in (first, again, other)]
    assert "rounds 200 1 " in rounds[0]
    assert rounds[0] == rounds[1] != rounds[2]
    assert "campaigns: 20% of the full counts" in first
    assert "DIAG_TEST_SEED=7 DIAG_TEST_SHARE=0.2" in first
    assert "2 passed" in first


@pytest.mark.parametrize(
    ("name", "value"), [("DIAG_TEST_SHARE", "0"), ("DIAG_TEST_SHARE", "2"), ("DIAG_TEST_SEED", "x")]
)
def test_a_share_or_seed_that_makes_no_sense_stops_the_run(clone: Path, name: str, value: str) -> None:
    said = _pytest(clone, "-k", "campaign", **{name: value})
    assert f"{name} must" in said
    assert "passed" not in said
