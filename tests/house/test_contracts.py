"""The import contracts cover the house: `lint-imports` proves that they hold, this that they exist."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

EXPECTED = {
    "layers": "layers",
    "pure-core": "forbidden",
    "pure-workflows": "forbidden",
    "graph-sdk": "forbidden",
    "sql": "forbidden",
    "adapters": "independence",
    "entrypoints": "independence",
    "siblings": "acyclic_siblings",
    "sample-tenant-alone": "forbidden",
    "sample-tenant-started": "protected",
}


@pytest.fixture(scope="module")
def contracts(root: Path) -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def test_every_contract_of_the_house_is_configured(contracts: dict[str, dict[str, Any]]) -> None:
    assert {name: contract["type"] for name, contract in contracts.items()} == EXPECTED


def test_layers_are_exhaustive_and_only_the_sample_tenant_stands_outside(contracts: dict[str, dict[str, Any]]) -> None:
    assert contracts["layers"]["exhaustive"] is True
    assert contracts["layers"]["exhaustive_ignores"] == ["sample_tenant"]


def test_the_sample_tenant_is_kept_from_every_other_module(contracts: dict[str, dict[str, Any]]) -> None:
    layered = {f"diag.{name.strip()}" for layer in contracts["layers"]["layers"] for name in layer.split("|")}
    assert set(contracts["sample-tenant-alone"]["forbidden_modules"]) == layered
