"""A diagnosis as the JSON that ``POST /api/v1/diagnose`` and ``--json`` publish.

A value that nobody knows is absent, never ``null``: ``null`` would say that somebody looked. Three keys are always
there and may be ``null``: ``code``, ``symptom`` and ``cause``.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from diag.core.diagnosis import Diagnosis, JudgedCause
from diag.core.directory import Change
from diag.core.entry import OrganisationWords
from diag.core.remedy import Commands, Fix, GraphRequest, Unavailable
from diag.core.verdict import Evidence

_ALWAYS = ("code", "symptom", "cause")


def diagnosis_json(diagnosis: Diagnosis, *, indent: int = 0) -> bytes:
    """The published JSON as UTF-8 bytes; ``indent`` spaces a level, 0 for none."""
    encoded = msgspec.json.encode(diagnosis_object(diagnosis))
    return msgspec.json.format(encoded, indent=indent) if indent else encoded


def diagnosis_object(diagnosis: Diagnosis) -> dict[str, Any]:
    """The published object, ready for any JSON encoder."""
    causes = [_cause(cause) for cause in diagnosis.causes]
    whole = {
        "id": diagnosis.id,
        "code": diagnosis.code,
        "symptom": diagnosis.symptom,
        "name": diagnosis.name,
        "family": diagnosis.family,
        "kind": diagnosis.kind,
        "summary": diagnosis.summary,
        "verdict": diagnosis.verdict,
        "cause": None if diagnosis.cause is None else _cause(diagnosis.cause),
        "causes": causes,
        "needs": [{"fact": need.fact, "how": need.how} for need in diagnosis.needs],
        "extracted": msgspec.to_builtins(diagnosis.extracted),
        "related_changes": [_change(change) for change in diagnosis.related_changes],
        "other_codes": list(diagnosis.other_codes),
        "sources": [_filled(url=s.url, checked=s.checked, supports=s.supports or None) for s in diagnosis.sources],
        "notes": diagnosis.notes,
        "organisation": _organisation(diagnosis.organisation),
        "kb_version": diagnosis.kb_version,
        "redacted": list(diagnosis.redacted),
    }
    return {name: value for name, value in whole.items() if value is not None or name in _ALWAYS}


def _organisation(words: OrganisationWords | None) -> dict[str, Any] | None:
    """What the organisation says; absent where it says nothing. Its own causes have ids that begin with ``org-``."""
    if words is None:
        return None
    return {
        "notes": words.notes,
        "links": [{"title": link.title, "url": link.url} for link in words.links],
        "contacts": [{"name": contact.name, "reach": contact.reach} for contact in words.contacts],
        "hidden": list(words.hidden),
    }


def _cause(cause: JudgedCause) -> dict[str, Any]:
    return {
        "id": cause.id,
        "title": cause.title,
        "verdict": cause.verdict,
        "confidence": cause.confidence,
        "commonness": cause.commonness,
        "fixed_by": cause.fixed_by,
        "root_cause": cause.root_cause,
        "evidence": [evidence_object(item) for item in cause.evidence],
        "needs": [{"fact": need.fact, "how": need.how} for need in cause.needs],
        "confirm": [{"do": step.do, "expect": step.expect} for step in cause.confirm],
        "fix": [fix_object(fix) for fix in cause.fix],
    }


def evidence_object(item: Evidence) -> dict[str, Any]:
    return _filled(
        statement=item.statement,
        fact=item.fact,
        source=item.source,
        as_of=None if item.as_of is None else _moment(item.as_of),
    )


def fix_object(fix: Fix) -> dict[str, Any]:
    rollback = None
    if fix.rollback is not None:
        rollback = _filled(
            do=fix.rollback.do,
            commands=None if fix.rollback.commands is None else _commands(fix.rollback.commands),
        )
    return _filled(
        do=fix.do,
        effect=fix.effect,
        who=fix.who or None,
        before=list(fix.before) or None,
        commands=None if fix.commands is None else _commands(fix.commands),
        caution=fix.caution or None,
        rollback=rollback,
        verify=fix.verify or None,
        snippets=dict(fix.snippets) or None,
    )


def _commands(commands: Commands) -> dict[str, Any]:
    rendered: dict[str, Any] = {}
    for tool in ("az", "graph", "powershell", "bicep", "terraform", "portal"):
        value = getattr(commands, tool)
        if isinstance(value, Unavailable):
            rendered[tool] = {"unavailable": value.unavailable}
        elif isinstance(value, tuple):
            rendered[tool] = [_request(request) for request in value]
        else:
            rendered[tool] = value
    return rendered


def _request(request: GraphRequest) -> dict[str, Any]:
    """A body keeps its nulls: in a PATCH they mean something."""
    rendered: dict[str, Any] = {"method": request.method, "url": request.url}
    if request.body is not msgspec.UNSET:
        rendered["body"] = request.body
    return rendered


def _change(change: Change) -> dict[str, Any]:
    return _filled(
        at=_moment(change.at),
        activity=change.activity,
        actor=change.actor or None,
        target_name=change.target_name or None,
        target_object_id=change.target_object_id or None,
        properties=[{"name": item.name, "old": item.old, "new": item.new} for item in change.properties],
        correlation_id=change.correlation_id or None,
    )


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
