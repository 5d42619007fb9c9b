"""What people paste, the whole way through the real knowledge base: the right code, the right values, never sure and
wrong."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files import loader
from diag.adapters.kb_files.store import KnowledgeBaseFiles, open_knowledge_base
from diag.core.diagnosis import Diagnosis
from diag.core.errors import BadInput
from diag.resources import knowledge_base
from diag.workflows.diagnose import answer
from tests.conftest import Campaign
from tests.kb.pastes import PASTES, Paste
from tests.kb.wrappings import CUTS, KEEPS_NO_PREFIX, WRAPPINGS

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CODED = re.compile(r"AADSTS(?P<code>\d+):")
MESSAGES = [
    (entry.code, sample.text)
    for entry in loader.load(knowledge_base()).entries
    for sample in entry.samples
    if (found := CODED.match(sample.text)) and int(found["code"]) == entry.code and len(CODED.findall(sample.text)) == 1
]


@pytest.fixture(scope="module")
def real() -> KnowledgeBaseFiles:
    return open_knowledge_base()


def _told(real: KnowledgeBaseFiles, text: str) -> Diagnosis:
    return answer(enquiry({"text": text}, NOW), real)


@pytest.mark.parametrize("paste", PASTES, ids=[f"{number}-{paste.code}" for number, paste in enumerate(PASTES)])
def test_a_paste_is_read_right(real: KnowledgeBaseFiles, paste: Paste) -> None:
    if paste.code is None:
        with pytest.raises(BadInput):
            _told(real, paste.text)
        return
    told = _told(real, paste.text)
    assert (told.code if told.code is not None else told.symptom) == paste.code
    assert {name: getattr(told.extracted, name) for name in paste.reads} == paste.reads
    assert set(paste.others) <= set(told.other_codes)
    if told.verdict == "determined" and len(told.causes) > 1:
        assert told.causes[0].confidence != "certain"


@pytest.mark.parametrize("name", WRAPPINGS)
def test_every_message_is_read_alike_in_every_wrapping(real: KnowledgeBaseFiles, name: str, campaign: Campaign) -> None:
    step = max(1, len(MESSAGES) // campaign.rounds(len(MESSAGES)))
    for code, text in MESSAGES[::step]:
        plainly = _told(real, text)
        wrapped = _told(real, WRAPPINGS[name](text))
        assert wrapped.code == code, text
        if name not in CUTS:
            same = ("app_id", "redirect_uri", "resource")
            assert [getattr(wrapped.extracted, value) for value in same if getattr(plainly.extracted, value)] == [
                getattr(plainly.extracted, value) for value in same if getattr(plainly.extracted, value)
            ], text
            if plainly.verdict == "determined":
                assert (wrapped.verdict, wrapped.causes[0].id) == ("determined", plainly.causes[0].id), text
        assert name in KEEPS_NO_PREFIX or code not in wrapped.other_codes


def test_a_published_message_without_its_code_is_recognised(real: KnowledgeBaseFiles, shared: Path) -> None:
    told = right = sure_and_wrong = 0
    lines = (shared / "facts" / "aadsts-codes.jsonl").read_text(encoding="utf-8").splitlines()
    published = [(item["code"], text) for item in map(json.loads, lines) for text in item["messages"]]
    for code, message in published:
        text = re.sub(r"^AADSTS\d+:?\s*", "", message)
        if len(text) < 25 or real.entry(code) is None:
            continue
        told += 1
        try:
            diagnosis = _told(real, text)
        except BadInput:
            continue
        right += diagnosis.code == code or f"AADSTS{code}" in diagnosis.notes
        if diagnosis.code != code and diagnosis.verdict == "determined":
            shared_by = real.entry(diagnosis.code or 0)
            sure_and_wrong += shared_by is not None and diagnosis.causes[0].confidence == "certain"
    assert told > 1000
    assert right / told > 0.93
    assert sure_and_wrong == 0
