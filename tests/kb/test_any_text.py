"""Whatever is pasted, the whole way through the real knowledge base: an answer or one clear refusal, and quickly."""

import contextlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.adapters.kb_files import loader
from diag.adapters.kb_files.store import KnowledgeBaseFiles, open_knowledge_base
from diag.core.enquiry import Enquiry
from diag.core.errors import BadInput
from diag.render.published import diagnosis_json
from diag.render.text import diagnosis_lines
from diag.resources import knowledge_base
from diag.workflows.diagnose import answer

LOADED = loader.load(knowledge_base())
TEXTS = [sample.text for entry in LOADED.entries for sample in entry.samples]
NOISE = [
    "'",
    '"',
    "{",
    "}",
    "%27",
    "\\u0027",
    "<",
    ">",
    "&#39;",
    "\u202e",
    "${x}",
    "{{7*7}}",
    "\n",
    "https://a.example/'x",
]


@pytest.fixture(scope="module")
def real() -> KnowledgeBaseFiles:
    return open_knowledge_base()


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(TEXTS) | st.sampled_from(NOISE) | st.text(max_size=30), max_size=6),
    cut=st.integers(0, 400),
)
def test_pieces_of_messages_in_any_order_are_answered_or_refused(
    real: KnowledgeBaseFiles, pieces: list[str], cut: int
) -> None:
    text = "".join(pieces)[cut:]
    try:
        diagnosis = answer(Enquiry(text=text), real)
    except BadInput:
        return
    assert json.loads(diagnosis_json(diagnosis))["verdict"] == diagnosis.verdict
    assert list(diagnosis_lines(diagnosis))
    if diagnosis.verdict == "unknown_code":
        assert diagnosis.cause is None


@pytest.mark.parametrize(
    "entry", [pytest.param(entry, id=str(entry.code or entry.symptom)) for entry in LOADED.entries]
)
def test_a_bare_code_or_symptom_alone_is_never_certain_unless_it_has_one_cause(
    real: KnowledgeBaseFiles, entry: object
) -> None:
    diagnosis = answer(Enquiry(code=entry.code, symptom=entry.symptom), real)  # type: ignore[attr-defined]
    if diagnosis.cause is not None and len(diagnosis.causes) > 1:
        assert diagnosis.cause.confidence != "certain"
    assert diagnosis.causes


@pytest.mark.parametrize(
    "unit", ["AADSTS50011: The redirect URI 'x", "nothing of note happened here\n", "redirect URI 'https://"]
)
def test_a_paste_of_256_kb_is_answered_within_a_second(real: KnowledgeBaseFiles, unit: str) -> None:
    text = (unit * (262_144 // len(unit) + 1))[: 262_144 - 16]
    started = time.thread_time()
    with contextlib.suppress(BadInput):
        answer(Enquiry(text=text), real)
    assert time.thread_time() - started < 1.0
