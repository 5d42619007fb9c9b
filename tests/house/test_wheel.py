"""The wheel is the whole product: installed elsewhere, without the checkout, it answers."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

# Of the files beside the modules, what belongs to the product: everything but byte code and compiled indexes.
_BUILT = {"__pycache__", ".index"}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and the wheel from it, as a packager would."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(root)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("aadsts_diag-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment that borrows the dependencies of this one; return its ``bin`` folder."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    Path(packages.stdout.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return home / "bin"


def _run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("DIAG_", "PYTHON"))}
    return subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True, check=False, timeout=60)


def test_the_wheel_holds_every_module_page_file_entry_and_migration(root: Path, wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    places = {"diag": "diag", "kb": "diag/_data/kb", "migrations": "diag/_data/migrations"}
    expected = {
        f"{place}/{path.relative_to(root / folder).as_posix()}"
        for folder, place in places.items()
        for path in (root / folder).rglob("*")
        if path.is_file() and not _BUILT.intersection(path.relative_to(root).parts)
    }
    assert sorted(expected - packed) == []
    assert sorted(name for name in packed - expected if ".dist-info/" not in name) == []


def test_the_installed_command_says_its_version(installed: Path, wheel: Path, tmp_path: Path) -> None:
    said = _run(installed / "diag", "--version", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert wheel.name.split("-")[1] in said.stdout


def test_the_installed_command_looks_up_a_code_from_another_folder(installed: Path, tmp_path: Path) -> None:
    said = _run(installed / "diag", "lookup", "50011", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "50011" in said.stdout
    assert "InvalidReplyTo" in said.stdout


def test_the_installed_package_is_the_wheels_and_not_the_checkouts(installed: Path, root: Path, tmp_path: Path) -> None:
    said = _run(installed / "python", "-c", "import diag; print(diag.__file__)", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert not Path(said.stdout.strip()).is_relative_to(root)
    assert Path(said.stdout.strip()).is_relative_to(installed.parent)
