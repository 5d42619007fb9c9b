from pathlib import Path

import pytest

from diag import resources


def test_a_checkout_finds_its_own_folders() -> None:
    root = Path(resources.__file__).parent.parent
    assert resources.knowledge_base() == root / "kb"
    assert resources.migrations() == root / "migrations"


def test_an_installed_package_finds_what_was_packed_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "diag/_data/kb").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "diag")
    assert resources.knowledge_base() == tmp_path / "diag/_data/kb"
    assert resources.migrations() == tmp_path / "migrations"
