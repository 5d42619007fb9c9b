"""Look up: paste anything."""

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Request, Response

from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.pasted import MOST_BYTES
from diag.core.permissions import is_guid
from diag.entrypoints.web.http import as_code, number, page, parameter, service_of
from diag.entrypoints.web.routing import new_router
from diag.render import links
from diag.render.views.chrome import Link
from diag.render.views.diagnosis import Named, diagnosis_view
from diag.render.views.incidents import failure_line, incident_line
from diag.render.views.lookup import LookupView
from diag.workflows.diagnose import read_paste
from diag.workflows.lookup import answer_with_registration
from diag.workflows.ports import FailureQuery, IncidentQuery, KnowledgeBase, Transaction

router = new_router()

_GUID = re.compile(r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F-])")
_GUIDS_AT_MOST = 8
_ANSWER = re.compile(r"([a-z0-9][a-z0-9_-]{0,79}):(yes|no)")
_ANSWERS_AT_MOST = 40


@router.get("/look-up")
def look_up(request: Request) -> Response:
    """The empty form, or the answer for ``?code=``, ``?symptom=`` or a short ``?text=``."""
    text = parameter(request, "text")
    code = number(request, "code")
    symptom = parameter(request, "symptom").lower()
    return _answered(request, text, code, symptom, {})


@router.post("/look-up")
def look_up_text(
    request: Request,
    answered: Annotated[list[str], Form(default_factory=list)],
    text: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    symptom: Annotated[str, Form()] = "",
) -> Response:
    """The answer for a pasted text, or for what was asked before with one more question answered; nothing is stored.

    ``answered`` holds ``question-id:yes`` and ``question-id:no``; a later one takes the place of an earlier one.
    """
    answers = {
        match[1]: match[2] == "yes" for item in answered[:_ANSWERS_AT_MOST] if (match := _ANSWER.fullmatch(item))
    }
    return _answered(request, text, as_code(code), symptom.strip().lower()[:80], answers)


def _answered(request: Request, text: str, code: int | None, symptom: str, answers: dict[str, bool]) -> Response:
    service = service_of(request)
    now = service.clock.now()
    asked = bool(text.strip()) or code is not None or bool(symptom)
    diagnosis, problem, hint, shown = None, "", "", ""
    told = Facts(answers=answers)
    enquiry = Enquiry(text=text if text.strip() else None, code=code, symptom=symptom or None, facts=told)
    if asked:
        try:
            shown = paste.redacted if (paste := read_paste(enquiry)) else ""
            diagnosis = answer_with_registration(
                enquiry, service.knowledge_base, service.database, service.translator, service.clock
            )
        except BadInput as error:
            problem, hint = str(error), error.hint
    guids = list(dict.fromkeys(guid.lower() for guid in _GUID.findall(shown[:MOST_BYTES])))[:_GUIDS_AT_MOST]
    applications: list[Link] = []
    incidents, failures = [], []
    if guids:
        with service.database.read() as stores:
            applications, named = _named(stores, guids)
            for app_id in named:
                found = stores.incidents.find(IncidentQuery(app_id=app_id, code=diagnosis.code if diagnosis else None))
                incidents += [incident_line(item, now) for item in found[:5]]
            for guid in guids:
                rows = stores.failures.find(FailureQuery(correlation_id=guid, interrupts=True, limit=5))
                failures += [failure_line(row, now) for row in rows]
    view = LookupView(
        text=shown,
        diagnosis=diagnosis_view(diagnosis, now) if diagnosis else None,
        problem=problem,
        hint=hint,
        symptoms=tuple(
            Link(line.summary, links.page("/look-up", {"symptom": line.symptom}), line.symptom == symptom)
            for line in service.knowledge_base.symptoms()
        ),
        applications=tuple(applications),
        incidents=tuple(incidents),
        failures=tuple(failures),
        asked=asked,
        answering=tuple(Named(name, value) for name, value in _fields(shown, code, symptom, answers) if value),
        answers=_in_words(service.knowledge_base, diagnosis, answers),
    )
    title = f"Look up: {view.diagnosis.code or view.diagnosis.name}" if view.diagnosis else "Look up"
    only_named = bool(applications or failures)
    status = 422 if problem and not only_named else 200
    return page(request, "lookup.html", view, section="lookup", title=title, status=status)


def _fields(text: str, code: int | None, symptom: str, answers: Mapping[str, bool]) -> list[tuple[str, str]]:
    """The form fields that ask the same question once more."""
    given = [(question, "yes" if yes else "no") for question, yes in answers.items()]
    asked = [("text", text), ("code", "" if code is None else str(code)), ("symptom", symptom)]
    return [*asked, *(("answered", f"{question}:{word}") for question, word in given)]


def _in_words(
    knowledge_base: KnowledgeBase, diagnosis: Diagnosis | None, answers: Mapping[str, bool]
) -> tuple[Named, ...]:
    """The entry's own questions that were answered; answers to questions that it does not ask are left out."""
    if diagnosis is None or not answers:
        return ()
    symptom = diagnosis.symptom
    entry = knowledge_base.symptom(symptom) if symptom else knowledge_base.entry(diagnosis.code or 0)
    questions = entry.questions if entry else {}
    return tuple(
        Named(questions[question], "Yes" if yes else "No") for question, yes in answers.items() if question in questions
    )


def _named(stores: Transaction, guids: list[str]) -> tuple[list[Link], list[str]]:
    """Applications of the watched tenants whose application ID stands in the text."""
    found: list[Link] = []
    named: list[str] = []
    for guid in filter(is_guid, guids):
        for line in stores.registrations.applications(None, guid, None, 5):
            if line.app_id == guid:
                found.append(Link(line.display_name or guid, links.application(guid, line.tenant_id)))
                named.append(guid)
    return found, list(dict.fromkeys(named))
