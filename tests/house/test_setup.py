"""The two commands: what they promise before anything is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKE = ("make", "-s")


@pytest.fixture
def fresh_clone(root: Path, tmp_path: Path) -> Path:
    """Give a folder, with a space in its name, that holds what make reads before it installs anything."""
    folder = tmp_path / "a fresh clone"
    (folder / "requirements").mkdir(parents=True)
    (folder / "tests" / "azurite").mkdir(parents=True)
    for name in (
        *("Makefile", "pyproject.toml", "requirements/run.txt", "requirements/dev.txt", "requirements/az.txt"),
        *("tests/azurite/package.json", "tests/azurite/package-lock.json"),
    ):
        shutil.copy(root / name, folder / name)
    return folder


def _tools(folder: Path, **scripts: str) -> Path:
    """Make a PATH with the ordinary tools, no Python but the given scripts, and return it."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("awk", "cat", "cksum", "cut", "make", "rm", "sh", "touch"):
        (tools / name).symlink_to(shutil.which(name) or name)
    for name, script in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    return tools


def _make(clone: Path, tools: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MAKE, "run"], cwd=clone, env={"PATH": str(tools)}, capture_output=True, text=True, check=False, timeout=60
    )


def test_without_a_recent_python_the_command_says_what_to_install(fresh_clone: Path, tmp_path: Path) -> None:
    said = _make(fresh_clone, _tools(tmp_path, python3="exit 1"))
    assert said.returncode != 0
    assert "No Python 3.11 or newer was found" in said.stderr
    assert not (fresh_clone / ".venv").exists()


def test_without_the_venv_module_the_command_names_the_package(fresh_clone: Path, tmp_path: Path) -> None:
    no_venv = 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac'
    said = _make(fresh_clone, _tools(tmp_path, python3=no_venv))
    assert said.returncode != 0
    assert "apt-get install python3-venv" in said.stderr


def test_the_newest_python_that_can_make_environments_is_chosen(fresh_clone: Path, tmp_path: Path) -> None:
    record = 'case "$*" in "-m venv"*) echo "$0" >&2; exit 7;; --version) echo Python;; *) exit 0;; esac'
    no_venv = 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac'
    tools = _tools(tmp_path, **{"python3": record, "python3.11": record, "python3.12": record, "python3.13": no_venv})
    said = _make(fresh_clone, tools)
    assert said.returncode != 0
    assert str(tools / "python3.12") in said.stderr


@pytest.mark.parametrize(
    ("stage", "argument"), [("ruff check", "ruff check"), ("mypy --strict", "mypy"), ("pytest", "pytest")]
)
def test_a_stage_that_fails_fails_the_whole_and_hides_no_other(fresh_clone: Path, stage: str, argument: str) -> None:
    fails_once = f'case "$*" in *"{argument}"*) exit 1;; *) exit 0;; esac'
    programs = {".venv/bin/python": fails_once, ".venv/bin/lint-imports": "exit 0", ".venv-az/bin/python": "exit 0"}
    for name, script in programs.items():
        program = fresh_clone / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
    said = subprocess.run(
        [*MAKE, "test"],
        cwd=fresh_clone,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    stages = [line.removeprefix("== ") for line in said.stdout.splitlines() if line.startswith("== ")]
    assert stages == [
        "browser for the tests",
        "ruff check",
        "ruff format",
        "mypy --strict",
        "import contracts",
        "pytest",
    ]
    assert said.returncode != 0
    assert f"Failed: {stage}\n" in said.stderr


def test_the_continuous_integration_script_calls_make_test_and_sets_the_mark(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert "export CI=true" in script
    assert script.rstrip().endswith("exec make test")
    assert os.access(root / ".ci" / "run", os.X_OK)


def test_every_make_target_is_listed_by_help_and_named_in_a_document(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = makefile.split(".PHONY:")[1].splitlines()[0].split()
    listed = subprocess.run([*MAKE, "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    documents = "".join((root / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    assert [target for target in targets if f"make {target}" not in listed] == []
    assert [target for target in targets if f"make {target}" not in documents] == []
