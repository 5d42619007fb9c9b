"""``openapi.json``: what FastAPI knows of the operations, with the schemas of what msgspec encodes."""

from functools import lru_cache
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from msgspec import Struct

from diag.core.diagnosis import Diagnosis
from diag.entrypoints.api import diagnose_schema, flows, tokens
from diag.entrypoints.api.alerts import AlertItem, ChannelItem, ChannelTest, DeliveryItem
from diag.entrypoints.api.applications import ApplicationItem, ApplicationWhole, VersionItem
from diag.entrypoints.api.changes import ChangeItem
from diag.entrypoints.api.credentials import CredentialItem
from diag.entrypoints.api.describing import restored
from diag.entrypoints.api.failures import FailureItem
from diag.entrypoints.api.findings import FindingItem
from diag.entrypoints.api.incidents import Comment, IncidentItem, Snooze, StateChange
from diag.entrypoints.api.problems import TITLES
from diag.entrypoints.api.quietings import AlertAcknowledge, AlertSnooze, QuietingItem, QuietingRequest
from diag.entrypoints.api.status import Status
from diag.entrypoints.api.unknown_codes import UnknownCodeItem
from diag.workflows.ports import CodeLine

_PUBLISHED: tuple[type[Struct], ...] = (
    AlertAcknowledge,
    AlertItem,
    AlertSnooze,
    ApplicationItem,
    ApplicationWhole,
    ChangeItem,
    ChannelItem,
    ChannelTest,
    CodeLine,
    Comment,
    CredentialItem,
    DeliveryItem,
    Diagnosis,
    FailureItem,
    FindingItem,
    IncidentItem,
    QuietingItem,
    QuietingRequest,
    Snooze,
    StateChange,
    Status,
    UnknownCodeItem,
    VersionItem,
    *flows.PUBLISHED,
    *tokens.PUBLISHED,
)
_ABOUT = (
    "Explains failed Entra ID sign-ins: root cause, confirmation and fix.\n\n"
    "Errors are problem documents by RFC 9457 with a stable `type`. Lists answer `value` and, while more follows, an "
    "absolute and opaque `nextLink`. Instants are RFC 3339 in UTC. Unknown parameters and unknown fields are refused. "
    "A property that is absent was not read; null was looked for and is not there."
)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 description of the application's operations."""
    described: dict[str, Any] = restored(
        get_openapi(
            title="aadsts-diag", version=app.version, openapi_version="3.1.0", description=_ABOUT, routes=app.routes
        )
    )
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_schemas())
    for operations in described["paths"].values():
        for operation in operations.values():
            # FastAPI titles every parameter by its name and sets null as a default; neither tells anything.
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _plain(parameter["schema"])
    return described


def encoded(described: dict[str, Any]) -> bytes:
    """As it is committed: keys in their order, two blanks a level, a line end at the end."""
    return msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n"


@lru_cache(maxsize=1)
def _schemas() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_PUBLISHED, ref_template="#/components/schemas/{name}")
    components["DiagnoseRequest"] = diagnose_schema.schema()
    components["Entry"] = _entry()
    components["Problem"] = _problem()
    return dict(sorted(components.items()))


def _entry() -> dict[str, Any]:
    return {
        "title": "Entry",
        "description": "A code or symptom with all its causes; without any fact, so that fixes hold placeholders.",
        "type": "object",
        "required": ["code", "symptom", "name", "family", "kind", "summary", "causes", "kb_version"],
        "properties": {
            "code": {"type": ["integer", "null"]},
            "symptom": {"type": ["string", "null"]},
            **{
                name: {"type": "string"}
                for name in ("name", "family", "kind", "status", "summary", "notes", "kb_version")
            },
            "questions": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "What only a person can answer, by the id that answers in a diagnose request use.",
            },
            "sources": {"type": "array", "items": {"$ref": "#/components/schemas/SourceLink"}},
            "causes": {"type": "array", "items": {"type": "object", "required": ["id", "title", "root_cause", "fix"]}},
        },
    }


def _problem() -> dict[str, Any]:
    return {
        "title": "Problem",
        "description": "RFC 9457. Further members belong to the type, such as the choices of ambiguous-application.",
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": [f"/problems/{slug}" for slug in TITLES]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "hint": {"type": "string", "description": "What to do, in one sentence."},
        },
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if name not in ("title", "anyOf")}
    told = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    return {**(told[0] if len(told) == 1 else {}), **kept}
