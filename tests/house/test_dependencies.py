"""Every package the program imports is one it declares; what only happens to be installed does not count."""

import ast
import re
import sys
import tomllib
from pathlib import Path

MODULES = {
    "azure": "azure-identity",
    "dotenv": "python-dotenv",
    "jinja2": "jinja2",
    "kiota_abstractions": "msgraph-sdk",
    "markupsafe": "jinja2",
    "msgraph": "msgraph-sdk",
    "prometheus_client": "prometheus-client",
    "sqlalchemy": "sqlmodel",
    "starlette": "fastapi",
    "yaml": "pyyaml",
}
"""Module → the declared distribution that brings it, where the names differ."""


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_every_imported_package_is_declared(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        declared += extra
    distributions = {re.split(r"[\[<>=;! ]", line, maxsplit=1)[0] for line in declared}
    used = {name for file in [*root.glob("diag/**/*.py"), *root.glob("migrations/**/*.py")] for name in imported(file)}
    foreign = used - set(sys.stdlib_module_names) - {"diag"}
    assert len(foreign) > 10
    assert {name for name in foreign if MODULES.get(name, name) not in distributions} == set()
