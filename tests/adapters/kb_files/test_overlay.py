"""An organisation's words stand beside the shipped ones, never in their place; a wrong document stops the start."""

from pathlib import Path

import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files.store import KnowledgeBaseFiles, open_knowledge_base
from diag.core.errors import KnowledgeBaseError
from diag.render.published import diagnosis_object
from diag.render.text import diagnosis_lines
from diag.workflows.diagnose import answer
from tests.adapters.kb_files.conftest import ENTRY

OWN = """overlay: 1
code: 50011
notes: Addresses change by merge request only.
links: [{title: How we register, url: "https://wiki.contoso.example/redirects"}]
contacts: [{name: Identity team, reach: "#identity-help"}]
causes:
  - id: org-old-gateway
    title: The request came through a proxy
    when: {client.is_behind_proxy: {}}
    confidence: likely
    commonness: common
    fixed_by: developer
    root_cause: "{application} is still behind the old gateway."
    confirm: [Look for gw-old in the answer's headers.]
    fix: [{remedy: by_hand, do: Move it to the new gateway., who: developer}]
"""


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "overlay"
    folder.mkdir()
    (folder / "50011.yaml").write_text(OWN, encoding="utf-8")
    return folder


def _open(folder: Path, overlay: Path | None) -> KnowledgeBaseFiles:
    return open_knowledge_base(folder, [folder.parent / "index"], overlay)


def test_own_causes_are_asked_first_and_shipped_text_stays(folder: Path, overlay: Path) -> None:
    shipped, own = _open(folder, None).entry(50011), _open(folder, overlay).entry(50011)
    assert shipped is not None
    assert own is not None
    assert [cause.id for cause in own.causes] == ["org-old-gateway", *(cause.id for cause in shipped.causes)]
    assert own.causes[1:] == shipped.causes
    assert (own.summary, own.notes, own.sources) == (shipped.summary, shipped.notes, shipped.sources)
    assert (shipped.organisation, _open(folder, overlay).entry(65004).organisation) == (None, None)  # type: ignore[union-attr]


def test_its_words_come_with_every_diagnosis_of_the_code(folder: Path, overlay: Path) -> None:
    told = answer(enquiry({"code": 50011, "request": {"behind_proxy": True}}), _open(folder, overlay))
    assert told.cause is not None
    assert told.cause.id == "org-old-gateway"
    published = diagnosis_object(told)
    assert published["organisation"] == {
        "notes": "Addresses change by merge request only.",
        "links": [{"title": "How we register", "url": "https://wiki.contoso.example/redirects"}],
        "contacts": [{"name": "Identity team", "reach": "#identity-help"}],
        "hidden": [],
    }
    lines = "\n".join(diagnosis_lines(told))
    assert "From your organisation" in lines
    assert "Identity team: #identity-help" in lines
    assert "organisation" not in diagnosis_object(answer(enquiry({"code": 65004}), _open(folder, overlay)))


def test_it_is_part_of_the_version_and_a_change_is_noticed(folder: Path, overlay: Path) -> None:
    plain, first = _open(folder, None).version, _open(folder, overlay).version
    assert first != plain
    (overlay / "50011.yaml").write_text(OWN.replace("merge request only", "ticket"), encoding="utf-8")
    second = _open(folder, overlay)
    assert second.version not in (plain, first)
    assert second.entry(50011).organisation.notes == "Addresses change by ticket."  # type: ignore[union-attr]
    (overlay / "50011.yaml").unlink()
    assert _open(folder, overlay).entry(50011).organisation is None  # type: ignore[union-attr]


def test_a_hidden_cause_is_gone_and_what_is_left_by_elimination_proves_less(folder: Path, overlay: Path) -> None:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    path.write_text(
        ENTRY.replace("when: {text.has_wording: {name: older}}", "when: otherwise")
        .replace('wordings:\n  newer: ["redirect URI"]\n  older: ["reply address"]\n', "")
        .replace(
            "- {name: older, from: web-app, text: \"AADSTS50011 reply address\", expect: redirect-uri-not-registered}",
            "- {name: o, request: {flow: ropc}, answers: {behind-proxy: false}, expect: redirect-uri-not-registered}",
        ),
        encoding="utf-8",
    )  # fmt: skip
    (overlay / "50011.yaml").write_text("overlay: 1\ncode: 50011\nhide: [tls-proxy-http-scheme]\n", encoding="utf-8")
    entry = _open(folder, overlay).entry(50011)
    assert entry is not None
    assert [(cause.id, cause.confidence) for cause in entry.causes] == [("redirect-uri-not-registered", "possible")]
    assert entry.organisation is not None
    assert entry.organisation.hidden == ("tls-proxy-http-scheme",)
    assert answer(enquiry({"code": 50011}), _open(folder, overlay)).cause is None


def test_own_causes_may_stand_behind_a_shipped_one(folder: Path, overlay: Path) -> None:
    text = OWN.replace("    title: The request", "    after: tls-proxy-http-scheme\n    title: The request")
    (overlay / "50011.yaml").write_text(text, encoding="utf-8")
    entry = _open(folder, overlay).entry(50011)
    assert entry is not None
    assert [cause.id for cause in entry.causes][:2] == ["tls-proxy-http-scheme", "org-old-gateway"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("code: 50011", "code: 50012", 2, "`50012` has no entry in this version; did you mean `50011`?"),
        ("code: 50011", "symptom: unheard-of", 2, "has no entry"),
        ("code: 50011\n", "", 1, "names a `code` or a `symptom`"),
        ("org-old-gateway", "old-gateway", 7, "begin it with org-"),
        ("client.is_behind_proxy", "client.is_behind_prox", 9, "did you mean `client.is_behind_proxy`?"),
        ("by_hand", "by_hands", 15, "did you mean `by_hand`?"),
        ("https://wiki", "http://wiki", 4, "is no https address"),
        ("https://wiki", "javascript:alert(1)//", 4, "is no https address"),
        ("notes: Addr", "note: Addr", 3, "`note` is no key here; did you mean `notes`?"),
        ("overlay: 1", "overlay: 2", 1, "at overlay"),
        ("{application}", "{sent}", 13, "quotes `{sent}`, which its condition does not give"),
        ("contacts: [", "hide: [tls-proxy]\ncontacts: [", 5, "`tls-proxy` is no cause of this entry"),
        ("{client.is_behind_proxy: {}}", "otherwise", 9, "`otherwise` is not for causes of your own"),
        ("    title: The", "    after: nowhere\n    title: The", 8, "`nowhere` is no cause of this entry"),
        ("Addresses change", '"Addresses \\u202e change"', 3, ""),
        ("causes:\n", "questions: {behind-proxy: Again?}\ncauses:\n", 6, "choose another id"),
    ],
)
def test_what_names_something_that_does_not_exist_is_refused_with_path_and_line(
    folder: Path, overlay: Path, old: str, new: str, line: int, said: str
) -> None:
    path = overlay / "50011.yaml"
    assert old in OWN
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeBaseError) as refused:
        _open(folder, overlay)
    assert refused.value.path == str(path)
    assert said in str(refused.value)
    assert abs((refused.value.line or 0) - line) <= 1


def test_two_documents_for_one_code_and_an_absent_folder_are_refused(folder: Path, overlay: Path) -> None:
    (overlay / "other.yaml").write_text("overlay: 1\ncode: 50011\nnotes: x\n", encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match="has an overlay already"):
        _open(folder, overlay)
    with pytest.raises(KnowledgeBaseError, match="is no folder"):
        _open(folder, overlay / "nowhere")
