"""The lock files pin everything by hash, for every platform, and name no index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

LOCKS = ("run", "dev")
ALL_LOCKS = (*LOCKS, "az")


def _pinned(root: Path, lock: str) -> dict[str, tuple[Version, int]]:
    """Return name → (version, number of hashes); raises on a line that is neither a pin, a hash nor a comment."""
    pins: dict[str, tuple[Version, int]] = {}
    name = ""
    for line in (root / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if pin := re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)( ;[^\\]+)? \\$", line):
            name = canonicalize_name(pin[1])
            pins[name] = (Version(pin[2]), 0)
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line):
            version, hashes = pins[name]
            pins[name] = (version, hashes + 1)
        else:
            assert re.match(r"\s*#", line), line
    return pins


def _wanted(root: Path, lock: str) -> list[Requirement]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = settings["dependency-groups"]
    extra = groups["build"] if lock == "run" else groups["build"] + groups["dev"]
    return [Requirement(text) for text in [*settings["project"]["dependencies"], *extra]]


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_every_package_is_pinned_with_a_hash(root: Path, lock: str) -> None:
    pins = _pinned(root, lock)
    assert len(pins) > 40
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_the_ranges_of_the_project_file(root: Path, lock: str) -> None:
    pins = _pinned(root, lock)
    stale = [
        str(wanted)
        for wanted in _wanted(root, lock)
        if canonicalize_name(wanted.name) not in pins or pins[canonicalize_name(wanted.name)][0] not in wanted.specifier
    ]
    assert stale == [], "make lock refreshes the lock files"


def test_the_test_lock_holds_the_very_versions_that_run(root: Path) -> None:
    run, dev = _pinned(root, "run"), _pinned(root, "dev")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("name", ["msgspec", "pyyaml", "sqlalchemy", "aiohttp", "cryptography"])
def test_compiled_packages_are_pinned_for_all_platforms_and_not_for_one_machine(root: Path, name: str) -> None:
    _, hashes = _pinned(root, "run")[name]
    assert hashes >= 20


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_the_lock_names_no_index_and_no_folder(root: Path, lock: str) -> None:
    text = (root / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|^\s*-[ife]\b|\s/[a-z]+/", text, re.MULTILINE)
