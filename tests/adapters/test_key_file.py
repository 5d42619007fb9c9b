import stat
import threading
from pathlib import Path

import pytest

from diag.adapters.key_file import read_or_make
from diag.core.errors import StoreError


def test_a_key_is_made_once_kept_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "link.key"
    key = read_or_make(file)
    assert read_or_make(file) == key
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["link.key"]


def test_of_many_that_make_it_at_once_one_wins(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(read_or_make(tmp_path / "k"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 12


def test_a_key_that_is_too_short_or_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"x" * 32)
    for file in (tmp_path / "short", tmp_path / "file" / "k"):
        with pytest.raises(StoreError, match="key file"):
            read_or_make(file)
