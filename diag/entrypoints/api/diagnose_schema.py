"""The JSON Schema of a diagnose request, made of the same lists of keys the request is read by."""

from typing import Any

from diag.adapters.graph.wire.request import (
    ASSERTION,
    COLLECTIONS,
    ENDPOINTS,
    FLOWS,
    REGISTRATION,
    REQUEST,
    SECRET_KINDS,
    SECRET_SHAPE,
    TOP,
    USER_AGENTS,
)

EXAMPLE_REQUEST = {
    "text": "AADSTS50011: The redirect URI 'http://app.contoso.example/signin-oidc' specified in the request does not "
    "match the redirect URIs configured for the application '6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01'.",
    "request": {"flow": "authorization_code", "behind_proxy": True},
    "registration": {"application": {"web": {"redirectUris": ["https://app.contoso.example/signin-oidc"]}}},
}
EXAMPLE_ANSWER: dict[str, Any] = {
    "id": "",
    "code": 50011,
    "symptom": None,
    "name": "InvalidReplyTo",
    "family": "redirect-uri",
    "kind": "failure",
    "summary": "The redirect URI of the request is not registered.",
    "verdict": "undetermined",
    "cause": None,
    "causes": [],
    "needs": [{"fact": "application.redirect_uris", "how": "az ad app show --id <client-id>"}],
    "extracted": {"app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01"},
    "related_changes": [],
    "other_codes": [],
    "sources": [],
    "notes": "",
    "kb_version": "1",
    "redacted": [],
}

_GRAPH = {"description": "By Microsoft Graph's own property names; unknown ones are ignored."}
_TEXT = {"type": ["string", "null"]}
_FLAG = {"type": ["boolean", "null"]}
_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_CHOICES = {"flow": FLOWS, "endpoint": ENDPOINTS, "user_agent_kind": USER_AGENTS, "kind": SECRET_KINDS}
_FLAGS = ("has_", "behind_proxy")
_INSTANTS = ("expires_at", "not_before", "observed_at")


def schema() -> dict[str, Any]:
    """The schema; unknown keys of our own objects are refused, those of Graph's objects are not."""
    own = {
        "text": {**_TEXT, "description": "Anything pasted, at most 256 KB."},
        "code": {"type": ["integer", "string", "null"], "description": "50011, “50011” or “AADSTS50011”."},
        "symptom": {**_TEXT, "description": "Of a failure without a code; GET /api/v1/codes lists them."},
        "observed_at": _INSTANT,
        "request": _object(
            REQUEST,
            client_secret_shape=_object(SECRET_SHAPE, length={"type": ["integer", "null"]}),
            assertion=_object(ASSERTION),
        ),
        "registration": _registration(),
        "sign_in": {"type": ["object", "array", "null"], **_GRAPH},
        "token": {"type": ["object", "array", "null"], "description": "Claims of a token; never the token itself."},
        "answers": {
            "type": ["object", "null"],
            "additionalProperties": {"type": "boolean"},
            "description": "A person's answers to the questions of an entry, by question.",
        },
    }
    return {
        "type": "object",
        "title": "DiagnoseRequest",
        "description": "One of text, code, symptom and sign_in is needed. Absent means that nobody could look, null "
        "that somebody looked and it is not there, property by property.",
        "additionalProperties": False,
        "properties": {name: own[name] for name in TOP},
    }


def _object(names: tuple[str, ...], **special: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {name: special.get(name) or _value(name) for name in names},
    }


def _value(name: str) -> dict[str, Any]:
    if name in _CHOICES:
        return {"type": ["string", "null"], "enum": [*_CHOICES[name], "", None]}
    if name.startswith(_FLAGS):
        return _FLAG
    return _INSTANT if name in _INSTANTS else _TEXT


def _registration() -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            name: {
                "type": ["array", "object", "null"] if name in COLLECTIONS else ["object", "array", "null"],
                **_GRAPH,
            }
            for name in REGISTRATION
        },
    }
