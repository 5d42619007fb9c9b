"""Answer one enquiry: find the code, read what the text says, ask the engine."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from diag.core import engine
from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.entry import Entry
from diag.core.error_text import ErrorText, read_error_text
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.pasted import checked
from diag.core.read import Found, Read, Source, Unread
from diag.core.reading import as_reads, flattened, is_told, values_in, wordings_in
from diag.core.redaction import redact
from diag.core.sign_in import Failure
from diag.core.verdict import Need

if TYPE_CHECKING:
    from diag.workflows.ports import KnowledgeBase

_SUCCESS = "The record says that this sign-in succeeded."
_UNKNOWN = "The knowledge base has no entry for this code, so nothing is said about its cause."
_RECOGNISED = "The text names no code; it was recognised by its wording."
_FIND_CODE = "Give the code: it stands among the page's details, in its address, or in the sign-in log"
_MOST_NAMED = 4
_GENERAL = (
    Need("failure.text", "Read the message itself: it often names the application, tenant or setting it is about"),
    Need(
        "failure.correlation_id",
        "Look the correlation ID up in the tenant's sign-in log; its record names application, resource and reason",
    ),
    Need(
        "failure.trace_id",
        "When you ask Microsoft, give code, trace ID, correlation ID and timestamp exactly as they were printed",
    ),
)


class Paste(Struct, frozen=True):
    """A pasted text, cleaned and read."""

    redacted: str
    kinds: tuple[str, ...]
    """Kinds of secret that were taken out."""
    read: ErrorText


def answer(enquiry: Enquiry, knowledge_base: "KnowledgeBase") -> Diagnosis:
    """The diagnosis for one enquiry.

    ``BadInput`` when it names no code and no symptom and no message is recognised, or names a symptom nobody knows.
    """
    paste = read_paste(enquiry)
    stated = enquiry.symptom
    symptom = None if stated is None else knowledge_base.symptom(stated)
    if stated is not None and symptom is None:
        known = ", ".join(line.symptom or "" for line in knowledge_base.symptoms())
        raise BadInput(f"symptom: “{stated[:80]}” is not known", hint=f"Known symptoms: {known}.")
    code = _code(enquiry, paste)
    if code == 0:
        return _succeeded(enquiry, paste, knowledge_base.version)
    entry = symptom if code is None else knowledge_base.entry(code)
    if entry is not None:
        return judge(entry, enquiry, paste, kb_version=knowledge_base.version)
    if code is None:
        alike = [] if paste is None else _recognised(paste, knowledge_base)
        if alike:
            return _supposed(judge(alike[0], enquiry, paste, kb_version=knowledge_base.version), alike[1:])
        raise BadInput(
            "No error code was found, and the wording is not known either.",
            hint="Paste the whole error with its AADSTS number, or name one of the symptoms that have no code.",
        )
    return _unknown(code, enquiry, paste, knowledge_base.version)


def read_paste(enquiry: Enquiry) -> Paste | None:
    """The enquiry's text without its secrets, and what it says; None when nothing was pasted."""
    if enquiry.text is None:
        return None
    cleaned = redact(checked(enquiry.text))
    asked = enquiry.code if enquiry.code is not None else enquiry.sign_in_code
    return Paste(cleaned.text, cleaned.kinds, read_error_text(cleaned.text, asked=asked))


def judge(entry: Entry, enquiry: Enquiry, paste: Paste | None, *, kb_version: str = "") -> Diagnosis:
    """The engine's diagnosis by this entry, with what text and record say put into the facts."""
    facts = _facts(entry, enquiry, paste)
    diagnosis = engine.diagnose(entry, facts, kb_version=kb_version)
    return _with_text(diagnosis, paste)


def _code(enquiry: Enquiry, paste: Paste | None) -> int | None:
    """As the contract orders it: the code given, the record's, the text's."""
    if enquiry.code is not None:
        return enquiry.code
    if enquiry.sign_in_code is not None:
        return enquiry.sign_in_code
    return None if paste is None else paste.read.code


def _recognised(paste: Paste, knowledge_base: "KnowledgeBase") -> list[Entry]:
    """The entry for a text that names no code, by a number that stands where a code might, then by its wording; behind
    it those that the wording fits as well."""
    for number in paste.read.maybe:
        entry = knowledge_base.entry(number)
        if entry is not None:
            return [entry]
    return list(knowledge_base.match(paste.read.text))


def _supposed(diagnosis: Diagnosis, others: Sequence[Entry]) -> Diagnosis:
    """The same diagnosis, said less surely: what the text is about was itself only recognised, and where other codes
    share the wording nothing is decided."""
    causes = tuple(
        msgspec.structs.replace(cause, confidence="likely") if cause.confidence == "certain" else cause
        for cause in diagnosis.causes
    )
    shared = [str(f"AADSTS{entry.code}" if entry.code else entry.symptom) for entry in others[:_MOST_NAMED]]
    also = f" It is also that of {', '.join(shared)}: find the code to be sure." if shared else ""
    told = msgspec.structs.replace(diagnosis, causes=causes, notes=f"{_RECOGNISED}{also} {diagnosis.notes}".strip())
    if not shared:
        return msgspec.structs.replace(told, cause=None if diagnosis.cause is None else causes[0])
    code = Need("failure.code", _FIND_CODE)
    verdict = "undetermined" if diagnosis.verdict == "determined" else diagnosis.verdict
    return msgspec.structs.replace(told, cause=None, verdict=verdict, needs=(code, *diagnosis.needs))


def _facts(entry: Entry | None, enquiry: Enquiry, paste: Paste | None, code: int | None = None) -> Facts:
    """The enquiry's facts, completed: the entry's own patterns first, then what was given, then the general values."""
    given = enquiry.facts.failure
    own: dict[str, Any] = {}
    general: dict[str, Any] = {}
    wordings: Read[tuple[str, ...]] = Unread()
    for window, source, text in _windows(enquiry, paste):
        if entry is not None:
            own = {**_sourced(values_in(entry, window), source), **own}
            named = wordings_in(entry, window)
            if named and not isinstance(wordings, Found):
                wordings = Found(named, source)
        general = {**_sourced(text, source), **general}
    told = {
        name: read for name, read in general.items() if name not in own and isinstance(getattr(given, name), Unread)
    }
    failure: Failure = msgspec.structs.replace(
        given,
        code=entry.code if entry is not None else code,
        symptom=entry.symptom if entry is not None else None,
        text=Found(paste.read.text, "text") if paste is not None else given.text,
        wordings=wordings,
        **{**told, **own},
    )
    return msgspec.structs.replace(enquiry.facts, failure=failure)


def _windows(enquiry: Enquiry, paste: Paste | None) -> list[tuple[str, Source, Mapping[str, str]]]:
    """What patterns run on: the window of the text, then the reason the sign-in record gives."""
    windows: list[tuple[str, Source, Mapping[str, str]]] = []
    if paste is not None:
        windows.append((paste.read.window, "text", paste.read.values))
    if enquiry.sign_in_text and enquiry.sign_in_text.strip():
        reason = redact(enquiry.sign_in_text[:4096]).text
        windows.append((flattened(reason), "sign_in", {}))
    return windows


def _sourced(values: Mapping[str, str], source: Source) -> dict[str, Read[object]]:
    told = {name: value.lower() if name == "app_id" else value for name, value in values.items() if is_told(value)}
    return {name: read for name, read in as_reads(told, source).items() if isinstance(read, Found)}


def _with_text(diagnosis: Diagnosis, paste: Paste | None) -> Diagnosis:
    if paste is None:
        return diagnosis
    named = [code for code in (paste.read.code, *paste.read.other_codes) if code]
    others = tuple(code for code in named if code != diagnosis.code)
    return msgspec.structs.replace(diagnosis, other_codes=others, redacted=paste.kinds)


def _succeeded(enquiry: Enquiry, paste: Paste | None, version: str) -> Diagnosis:
    return _with_text(_bare(0, "not_a_failure", _SUCCESS, _facts(None, enquiry, paste, 0), version), paste)


def _unknown(code: int, enquiry: Enquiry, paste: Paste | None, version: str) -> Diagnosis:
    """First-class: parsed, told as it is, and never guessed at."""
    facts = _facts(None, enquiry, paste, code)
    bare = _bare(code, "unknown_code", _UNKNOWN, facts, version)
    lacking = [need for need in _GENERAL if need.fact != "failure.text" or paste is not None]
    return _with_text(msgspec.structs.replace(bare, needs=tuple(lacking)), paste)


def _bare(code: int, verdict: Any, summary: str, facts: Facts, version: str) -> Diagnosis:
    return Diagnosis(
        code=code,
        symptom=None,
        name="",
        family="",
        kind="failure",
        summary=summary,
        verdict=verdict,
        cause=None,
        causes=(),
        extracted=engine.extracted(facts),
        kb_version=version,
    )
