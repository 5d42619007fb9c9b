"""What the house tests look at: the files that belong to the project."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = {"__pycache__", "build", "dist", "node_modules", "data"}


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """Give every file that is tracked or would be if it were added, sorted; in a tarball, all but built ones."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
        files = [ROOT / name for name in names]
    else:
        files = [path for path in ROOT.rglob("*") if all(map(_is_ours, path.relative_to(ROOT).parts))]
    return sorted({path for path in files if path.is_file()})


def _is_ours(part: str) -> bool:
    """Say whether a folder or file of this name can be the project's: hidden folders are caches and environments."""
    return part not in _NOT_OURS and (not part.startswith(".") or part in {".ci", ".gitignore"})
