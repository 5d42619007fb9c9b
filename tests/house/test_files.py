"""Sizes, characters and places of the project's own files."""

import ast
import re
import statistics
from pathlib import Path

import pytest

MOST_LINES = 500
BINARY = {".gif", ".ico", ".jpg", ".png", ".woff2"}

# Packages whose __init__ imports their members so that these register themselves.
REGISTRIES = {"diag/core/predicates", "diag/core/remedies", "diag/adapters/notify"}

# C0 controls but tab, line feed and carriage return, and DEL; then what reorders text on screen.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Spelled so that this file does not hold what it looks for.
NOT_PUBLIC = re.compile(
    r"pythonhos[t]ed|p[y]pi[.]org|npm[j]s[.]|deb[.]deb[i]an|(?:^|[^A-Za-z0-9_.:/-])/(?:w[o]rk|r[o]ot|f[a]rm)/|file:[/]//|/o[p]t/(?:p[y]pi|wheels)",
    re.MULTILINE,
)


def _texts(files: list[Path]) -> list[tuple[Path, str]]:
    return [(path, path.read_text(encoding="utf-8")) for path in files if path.suffix not in BINARY]


def test_no_module_is_longer_than_500_lines(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lengths = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in (root / "diag").rglob("*.py")
        if path.name != "__init__.py"
    }
    median = statistics.median(lengths.values())
    with capsys.disabled():
        print(f"\n{len(lengths)} modules in diag/: median {median:g} lines, longest {max(lengths.values())}")
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_file_names_a_package_index_or_a_folder_of_one_machine(project_files: list[Path], root: Path) -> None:
    found = {
        f"{path.relative_to(root)}:{text.count(chr(10), 0, hit.start()) + 1}": hit.group()
        for path, text in _texts(project_files)
        for hit in NOT_PUBLIC.finditer(text)
    }
    assert found == {}


def test_the_search_for_hosts_and_folders_finds_them() -> None:
    for text in (
        "https://files.python" + "hosted.org/x",
        "https://pypi" + ".org",
        "see /ro" + "ot/x",
        "fil" + "e:///x",
    ):
        assert NOT_PUBLIC.search(text), text
    assert not NOT_PUBLIC.search("https://graph.microsoft.com/work/items, ./root/x")


def test_text_files_hold_no_control_or_reordering_characters(project_files: list[Path], root: Path) -> None:
    found = {
        f"{path.relative_to(root)}:{text.count(chr(10), 0, hit.start()) + 1}": ascii(hit.group())
        for path, text in _texts(project_files)
        for hit in CONTROL.finditer(text)
    }
    assert found == {}


def test_init_files_are_empty_but_for_the_version_and_registries(root: Path) -> None:
    wrong = {}
    for path in sorted((root / "diag").rglob("__init__.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        statements = [
            node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ]
        package = path.parent.relative_to(root).as_posix()
        if package == "diag":
            allowed = [ast.unparse(node).split(" = ")[0] for node in statements] == ["__version__"]
        elif package in REGISTRIES:
            allowed = all(isinstance(node, ast.Import | ast.ImportFrom) for node in statements)
        else:
            allowed = not statements
        if not allowed:
            wrong[package] = [ast.unparse(node) for node in statements]
    assert wrong == {}


def test_every_folder_with_modules_is_a_package(root: Path) -> None:
    folders = {path.parent for path in (root / "diag").rglob("*.py")}
    assert [
        folder.relative_to(root).as_posix() for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ] == []
