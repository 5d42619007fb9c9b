import os
from pathlib import Path

import pytest

from diag.adapters.kb_files import compiler, index
from diag.adapters.kb_files.store import KnowledgeBaseFiles, open_knowledge_base
from diag.core.errors import KnowledgeBaseError
from diag.workflows.ports import KnowledgeBase

FILE = "codes/redirect-uri/AADSTS50011.yaml"


def _open(folder: Path) -> KnowledgeBaseFiles:
    return open_knowledge_base(folder, [folder / ".index"])


def test_an_entry_comes_back_as_it_was_read_but_for_samples_and_cases(folder: Path) -> None:
    knowledge_base: KnowledgeBase = _open(folder)
    entry = knowledge_base.entry(50011)
    assert entry is not None
    assert [cause.id for cause in entry.causes] == ["tls-proxy-http-scheme", "redirect-uri-not-registered"]
    assert entry.causes[0].confirm[0].do == "Look at it."
    assert (entry.cases, entry.samples) == ((), ())
    assert knowledge_base.entry(99999) is None
    assert knowledge_base.symptom("50011") is None


def test_a_second_opening_reads_no_yaml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _open(folder)

    def refuse(*_: object) -> bytes:
        raise AssertionError("compiled again")

    monkeypatch.setattr(compiler, "compile_folder", refuse)
    second = _open(folder)
    assert second.version == first.version
    assert second.entry(50011) == first.entry(50011)


@pytest.mark.parametrize("change", ["content", "time", "new file", "removed file", "causes"])
def test_a_changed_file_makes_the_index_stale(folder: Path, change: str) -> None:
    before = _open(folder).version
    path = folder / FILE
    if change == "content":
        path.write_text(path.read_text(encoding="utf-8").replace("not listed", "unlisted"), encoding="utf-8")
    elif change == "time":
        os.utime(path, ns=(1, 1))
    elif change == "new file":
        text = path.read_text(encoding="utf-8").replace("code: 50011", "code: 50012")
        (path.parent / "AADSTS50012.yaml").write_text(text.replace("AADSTS50011", "AADSTS50012"), encoding="utf-8")
    elif change == "removed file":
        path.unlink()
    else:
        (folder / "schema/causes.txt").write_text("first-consent-missing\n", encoding="utf-8")
        with pytest.raises(KnowledgeBaseError, match=r"causes\.txt"):
            _open(folder)
        return
    after = _open(folder)
    assert (after.version == before) is (change == "time")
    assert (after.entry(50012) is not None) is (change == "new file")
    assert (after.entry(50011) is None) is (change == "removed file")


def test_a_broken_index_is_replaced(folder: Path) -> None:
    version = _open(folder).version
    (folder / ".index").write_bytes(b"DKB\x03\x00\x00\x00\x05junk!")
    assert _open(folder).version == version
    assert (folder / ".index").read_bytes().startswith(b"DKB")
    (folder / ".index").write_bytes(b"")
    assert _open(folder).version == version


def test_where_nothing_can_be_written_it_answers_from_memory(folder: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    knowledge_base = open_knowledge_base(folder, [blocked / "index"])
    assert knowledge_base.entry(50011) is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kb"]


def test_the_second_place_is_used_where_the_first_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    blocked, cache = tmp_path / "file", tmp_path / "cache" / "index"
    blocked.write_text("", encoding="utf-8")
    open_knowledge_base(folder, [blocked / "index", cache])
    assert index.open_file(cache) is not None


def test_writing_leaves_no_half_file_behind(folder: Path) -> None:
    _open(folder)
    assert [path.name for path in folder.glob(".index*")] == [".index"]


def test_drafts_are_hidden(folder: Path) -> None:
    path = folder / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("status: test", "status: draft"), encoding="utf-8")
    knowledge_base = _open(folder)
    assert knowledge_base.entry(50011) is None
    assert [line.code for line in knowledge_base.codes()] == [65004]


def test_the_first_problem_is_raised_with_place_and_number_of_others(folder: Path) -> None:
    path = folder / FILE
    text = path.read_text(encoding="utf-8").replace("client.uses_flow", "client.use_flow").replace("by_hand", "by_hnd")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match=r"AADSTS50011\.yaml:\d+: .*and 2 more"):
        _open(folder)


def test_lists_and_search_find_by_code_name_and_words(folder: Path) -> None:
    knowledge_base = _open(folder)
    assert [(line.code, line.fixed_by) for line in knowledge_base.codes()] == [(50011, "developer"), (65004, "user")]
    assert list(knowledge_base.symptoms()) == []
    for query, codes in {
        "AADSTS50011": [50011],
        "invalidreply": [50011],
        "address listed": [50011],
        "consent": [65004],
        "nothing like it": [],
        "": [50011, 65004],
    }.items():
        assert [line.code for line in knowledge_base.search(query)] == codes, query


def test_a_text_without_a_code_is_matched_by_its_wording(folder: Path) -> None:
    knowledge_base = _open(folder)
    text = "Sorry. The redirect URI\n 'https://a.example' specified in the request does not match."
    assert [entry.code for entry in knowledge_base.match(text)] == [50011]
    assert list(knowledge_base.match("The coffee is cold.")) == []


def test_wording_is_found_deep_in_a_long_text(folder: Path) -> None:
    knowledge_base = _open(folder)
    text = "nothing here\n" * 15000 + "The redirect URI 'https://a.example' specified in the request"
    assert [entry.code for entry in knowledge_base.match(text)] == [50011]
