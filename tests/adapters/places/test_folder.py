"""A watched folder: ordinary files only, and a sentence when it cannot be read."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diag.adapters.places.folder import Folder
from diag.core.errors import NotFound, Unreachable


def test_files_below_the_folder_are_found_in_order(tmp_path: Path) -> None:
    (tmp_path / "y=2026").mkdir()
    for name in ("y=2026/PT1H.json", "b.json", "a.csv"):
        (tmp_path / name).write_text(name)
    os.utime(tmp_path / "a.csv", (1_700_000_000, 1_700_000_000))
    folder = Folder("logs", tmp_path)
    found = list(folder.files())
    assert [file.name for file in found] == ["a.csv", "b.json", "y=2026/PT1H.json"]
    assert found[0].modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    with folder.open(found[2]) as stream:
        assert stream.seekable()
        assert stream.read() == b"y=2026/PT1H.json"


def test_a_changed_file_has_another_version(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (before,) = Folder("logs", tmp_path).files()
    (tmp_path / "a").write_text("12")
    (after,) = Folder("logs", tmp_path).files()
    assert before.version != after.version


def test_links_hidden_and_unfinished_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "link").symlink_to(tmp_path / "secret")
    for name in (".hidden", "a.tmp", "b.part", "c.crdownload"):
        (watched / name).write_text("x")
    assert list(Folder("logs", watched).files()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is not there"):
        list(Folder("logs", tmp_path / "nowhere").files())


def test_a_file_taken_away_meanwhile_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    folder = Folder("logs", tmp_path)
    (file,) = folder.files()
    (tmp_path / "a").unlink()
    with pytest.raises(NotFound):
        folder.open(file)
