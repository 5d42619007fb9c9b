"""Graph's user objects: what a federated or guest account is recognised by."""

from diag.adapters.graph.wire.accounts import user
from diag.adapters.graph.wire.common import Node
from diag.core.directory import Identity
from diag.core.read import Found, Missing, Unread

OBJECT = {
    "id": "c1c2c3c4-0001-4a5b-8c7d-0e1f2a3b4c5d",
    "onPremisesImmutableId": "Zm9yLWFuLWV4YW1wbGU5OQ==",
    "identities": [
        {"signInType": "federated", "issuer": "MicrosoftAccount", "issuerAssignedId": None},
        {"signInType": "userPrincipalName", "issuer": "contoso.onmicrosoft.com", "issuerAssignedId": "pat"},
    ],
}


def test_identities_and_the_immutable_id_are_read() -> None:
    read = user(Node(OBJECT, "user"))
    assert isinstance(read.immutable_id, Found)
    assert read.immutable_id.value == "Zm9yLWFuLWV4YW1wbGU5OQ=="
    assert isinstance(read.identities, Found)
    assert read.identities.value == (
        Identity("federated", "MicrosoftAccount"),
        Identity("userPrincipalName", "contoso.onmicrosoft.com"),
    )


def test_what_was_not_selected_stays_unread_and_null_is_missing() -> None:
    assert isinstance(user(Node({"id": "x"}, "user")).identities, Unread)
    assert isinstance(user(Node({"id": "x", "onPremisesImmutableId": None}, "user")).immutable_id, Missing)


def test_an_identity_that_is_no_object_makes_the_list_incomplete() -> None:
    read = user(Node({"identities": [*OBJECT["identities"], "pat"]}, "user")).identities
    assert isinstance(read, Found)
    assert not read.complete
    assert len(read.value) == 2
