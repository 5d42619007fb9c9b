"""Each import contract fails when it is broken: tried on a miniature of the house, with the project's configuration."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOUND = {
    "__main__": "import diag.main",
    "main": "import diag.serve\nimport diag.sample_tenant.server",
    "serve": "import diag.jobs\nimport diag.entrypoints.api",
    "jobs": "import diag.bootstrap\nimport diag.entrypoints.scheduler",
    "entrypoints/api": "import fastapi\nimport diag.bootstrap",
    "entrypoints/cli": "import diag.render\nimport diag.sample_tenant.server",
    "entrypoints/scheduler": "import apscheduler",
    "entrypoints/web": "import jinja2",
    "render/text": "import diag.core.facts",
    "bootstrap": "import diag.settings\nimport diag.adapters.db.stores\nimport diag.adapters.graph",
    "settings": "import os\nimport diag.config_file",
    "config_file": "import diag.core.facts",
    "adapters/db/stores": "import sqlmodel\nimport sqlalchemy.orm\nimport diag.workflows.ports",
    "adapters/graph/__init__": "import msgraph",
    "adapters/graph/client": "import msgraph\nfrom azure.identity import aio\nimport diag.core.facts",
    "adapters/notify/smtp": "import diag.core.facts",
    "workflows/ports": "import asyncio\nimport diag.core.facts",
    "core/facts": "import msgspec\nimport datetime",
    "core/engine": "import diag.core.facts",
    "resources": "import pathlib",
    "sample_tenant/server": "import http.server\nimport json",
}

BROKEN = [
    ("core/facts", "import diag.workflows.ports", "layers"),
    ("somewhere_else", "", "layers"),
    ("core/facts", "import diag.resources", "layers"),
    ("core/facts", "import yaml", "pure-core"),
    ("core/facts", "import time", "pure-core"),
    ("workflows/ports", "import httpx", "pure-workflows"),
    ("workflows/ports", "import sqlmodel", "pure-workflows"),
    ("adapters/notify/smtp", "import azure.identity", "graph-sdk"),
    ("bootstrap", "import msgraph.generated", "graph-sdk"),
    ("entrypoints/api", "import sqlalchemy", "sql"),
    ("adapters/notify/smtp", "import sqlite3", "sql"),
    ("adapters/notify/smtp", "import diag.adapters.db.stores", "adapters"),
    ("entrypoints/web", "import diag.entrypoints.api", "entrypoints"),
    ("core/verdict", "import diag.core.engine", None),
    ("core/facts", "import diag.core.engine", "siblings"),
    ("sample_tenant/server", "import diag.core.facts", "sample-tenant-alone"),
    ("entrypoints/web", "import diag.sample_tenant.server", "sample-tenant-started"),
]


def _lint(root: Path, folder: Path, modules: dict[str, str]) -> subprocess.CompletedProcess[str]:
    shutil.copy(root / "pyproject.toml", folder)
    for name, text in modules.items():
        path = folder / "diag" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    for path in [folder / "diag", *(folder / "diag").rglob("*")]:
        if path.is_dir():
            (path / "__init__.py").touch()
    program = (
        "import sys; sys.path.insert(0, '.'); from importlinter import cli; sys.exit(cli.lint_imports(no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def _name_of(root: Path, contract: str) -> str:
    for block in (root / "pyproject.toml").read_text(encoding="utf-8").split("[[tool.importlinter.contracts]]")[1:]:
        if f'id = "{contract}"' in block:
            return block.split('name = "')[1].split('"')[0]
    raise AssertionError(contract)


def test_the_house_as_designed_keeps_every_contract(root: Path, tmp_path: Path) -> None:
    said = _lint(root, tmp_path, SOUND)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(("module", "line", "contract"), BROKEN)
def test_a_forbidden_import_breaks_its_contract(
    root: Path, tmp_path: Path, module: str, line: str, contract: str | None
) -> None:
    said = _lint(root, tmp_path, {**SOUND, module: f"{SOUND.get(module, '')}\n{line}"})
    if contract is None:
        assert said.returncode == 0, said.stdout
    else:
        assert said.returncode != 0
        assert f"{_name_of(root, contract)} BROKEN" in said.stdout, said.stdout + said.stderr
