"""Graph's ``user``, ``domain`` and ``device`` → the few properties that explain a refused sign-in."""

from collections.abc import Mapping

from diag.adapters.graph.wire.application import exists
from diag.adapters.graph.wire.common import Node, mapping, text
from diag.core.directory import Device, Domain, Identity, User
from diag.core.read import Found, Missing, Read


def user(node: Node) -> User:
    return User(
        exists=exists(node),
        account_enabled=node.flag("accountEnabled"),
        user_type=node.text("userType"),
        external_state=node.text("externalUserState"),
        identities=node.items("identities", _identity),
        immutable_id=node.text("onPremisesImmutableId"),
        on_premises_synced=node.flag("onPremisesSyncEnabled"),
        password_changed_at=node.moment("lastPasswordChangeDateTime"),
        sessions_valid_from=node.moment("signInSessionsValidFromDateTime"),
    )


def domain(node: Node) -> Domain:
    return Domain(
        exists=exists(node),
        name=node.text("id"),
        authentication_type=node.text("authenticationType"),
        is_verified=node.flag("isVerified"),
        issuer_uri=_issuer(node),
    )


def device(node: Node) -> Device:
    return Device(
        exists=exists(node),
        account_enabled=node.flag("accountEnabled"),
        is_compliant=node.flag("isCompliant"),
        is_managed=node.flag("isManaged"),
        trust_type=node.text("trustType"),
    )


def _identity(element: object) -> Identity:
    given = mapping(element)
    return Identity(text(given.get("signInType") or ""), text(given.get("issuer") or ""))


def _issuer(node: Node) -> Read[str]:
    """The federation configuration is an object or, as Graph lists it, a collection of one."""
    listed = node.items("federationConfiguration", mapping)
    if not isinstance(listed, Found):
        return node.inside("federationConfiguration").text("issuerUri")
    given: Mapping[str, object] | Missing = listed.value[0] if listed.value else node.missing()
    return Node(given, f"{node.path}.federationConfiguration", node.source, node.as_of).text("issuerUri")
