"""Objects of the directory → what the store keeps of them: the body, and columns for lists and look-ups."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from diag.adapters.graph.wire.application import application
from diag.adapters.graph.wire.common import Node
from diag.adapters.graph.wire.credentials import federated_credentials
from diag.adapters.graph.wire.service_principal import service_principal
from diag.core.inventory import (
    CredentialKind,
    CredentialRow,
    DetailKind,
    ObjectKind,
    RegisteredValue,
    RegistrationObject,
    RemovedObject,
    TenantKind,
)
from diag.core.read import Found, Read
from diag.core.registration import Certificate, ClientSecret

T = TypeVar("T")

_UNORDERED = frozenset(
    {
        "federated_credentials",
        "grants",
        "app_role_assignments",
        "assigned_principals",
        "access_policies",
        "deleted_applications",
        "licences",
    }
)
"""Collections that Graph lists in no promised order; sorted by id, so that an unchanged one compares as unchanged."""

_NEVER_KEPT = {"keyCredentials": "key", "passwordCredentials": "secretText"}
"""Collection → property of its elements; a secret's value is null on every read, and stays out even where it is not."""


def whole_object(kind: ObjectKind, given: Mapping[str, object]) -> RegistrationObject:
    """An application or service principal with its credentials and the values it holds."""
    node = Node(given, kind)
    object_id = _plain_text(node.guid("id"))
    if kind == "application":
        app = application(node)
        secrets, certificates = _found(app.client_secrets), _found(app.certificates)
        held = [
            *(RegisteredValue("redirect_uri", item.uri) for item in _found(app.redirect_uris)),
            *(RegisteredValue("identifier_uri", uri) for uri in _found(app.identifier_uris)),
        ]
        preferred = ""
    else:
        principal = service_principal(node)
        secrets, certificates = _found(principal.client_secrets), _found(principal.certificates)
        held = []
        thumbprint = principal.preferred_signing_thumbprint
        preferred = thumbprint.value if isinstance(thumbprint, Found) else ""
    app_id = _plain_text(node.guid("appId"))
    encryption_key = _plain_text(node.guid("tokenEncryptionKeyId"))
    credentials = (
        *_secret_rows(kind, object_id, app_id, secrets, certificates),
        *_certificate_rows(kind, object_id, app_id, certificates, preferred, encryption_key),
    )
    values = (
        RegisteredValue("object_id", object_id),
        *held,
        *(RegisteredValue("key_id", secret.key_id) for secret in secrets),
        *(RegisteredValue("key_id", key.key_id) for key in certificates),
        *(RegisteredValue("thumbprint", key.thumbprint) for key in certificates if key.thumbprint),
    )
    return RegistrationObject(
        kind=kind,
        object_id=object_id,
        app_id=app_id,
        display_name=_plain_text(node.text("displayName")),
        body=_body(given),
        credentials=credentials,
        values=tuple(dict.fromkeys(values)),
    )


def details(
    kind: DetailKind | TenantKind, object_id: str, app_id: str, elements: Iterable[Mapping[str, object]]
) -> RegistrationObject:
    """A collection read to its last page, kept as ``{"value": [...]}``."""
    found = [_plain(element) for element in elements]
    if kind in _UNORDERED:
        found.sort(key=lambda element: str(element.get("id")))
    values: tuple[RegisteredValue, ...] = ()
    if kind == "federated_credentials":
        federated = federated_credentials(Node({"value": found}, kind), "value")
        values = tuple(
            RegisteredValue("federated_credential", f"{item.issuer}\n{item.subject}") for item in _found(federated)
        )
    body = msgspec.json.encode({"value": found}, order="deterministic")
    return RegistrationObject(kind=kind, object_id=object_id, app_id=app_id, body=body, values=values)


def removed_object(kind: ObjectKind, given: Mapping[str, object]) -> RemovedObject | None:
    """What a delta entry with ``@removed`` says; None when it has none."""
    removed = given.get("@removed")
    if not isinstance(removed, Mapping):
        return None
    return RemovedObject(kind, _plain_text(Node(given, kind).guid("id")), removed.get("reason") == "changed")


def _secret_rows(
    kind: ObjectKind, object_id: str, app_id: str, secrets: Iterable[ClientSecret], keys: Iterable[Certificate]
) -> Iterable[CredentialRow]:
    """A password that carries the key ID of a signing key is that key's twin, not a secret of its own."""
    twins = {key.key_id for key in keys if key.usage == "Sign"}
    for secret in secrets:
        if secret.key_id not in twins:
            yield CredentialRow(
                owner_kind=kind,
                owner_object_id=object_id,
                app_id=app_id,
                key_id=secret.key_id,
                kind="secret",
                display_name=secret.display_name,
                hint=secret.hint,
                starts=secret.starts,
                ends=secret.ends,
            )


def _certificate_rows(
    kind: ObjectKind,
    object_id: str,
    app_id: str,
    keys: Iterable[Certificate],
    preferred: str,
    encryption_key: str,
) -> Iterable[CredentialRow]:
    """One row for all entries of one certificate: a signing certificate is listed once to sign and once to verify."""
    groups: dict[str, list[Certificate]] = {}
    for key in keys:
        groups.setdefault(key.custom_key_identifier or key.key_id, []).append(key)
    for group in groups.values():
        shown = next((key for key in group if key.usage == "Verify"), group[0])
        signs = kind == "service_principal" and any(key.usage == "Sign" for key in group)
        credential: CredentialKind = "certificate"
        if encryption_key and any(key.key_id == encryption_key for key in group):
            credential = "token_encryption"
        elif signs:
            credential = "saml_signing"
        yield CredentialRow(
            owner_kind=kind,
            owner_object_id=object_id,
            app_id=app_id,
            key_id=shown.key_id,
            kind=credential,
            display_name=shown.display_name,
            thumbprint=shown.thumbprint,
            starts=shown.starts,
            ends=shown.ends,
            active=not (signs and preferred and shown.thumbprint and shown.thumbprint != preferred),
        )


def _found(read: Read[tuple[T, ...]]) -> tuple[T, ...]:
    return read.value if isinstance(read, Found) else ()


def _plain_text(read: Read[str]) -> str:
    return read.value if isinstance(read, Found) else ""


def _body(given: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(_plain(given), order="deterministic")


def _plain(given: Mapping[str, object]) -> dict[str, object]:
    """The object without annotations, certificate bytes and secret values; the mark of a cut collection stays."""
    plain = {name: value for name, value in given.items() if "@" not in name or name.endswith("@odata.nextLink")}
    for name, left_out in _NEVER_KEPT.items():
        elements = plain.get(name)
        if isinstance(elements, list):
            plain[name] = [
                {key: value for key, value in element.items() if key != left_out}
                if isinstance(element, Mapping)
                else element
                for element in elements
            ]
    return plain
