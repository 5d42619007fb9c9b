"""What the store keeps of a registration, and the facts it gives back."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from diag.adapters.graph.wire.registration import details, removed_object, whole_object
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.inventory import Kind, RegisteredValue, RegistrationObject, RemovedObject, StoredObject
from diag.core.read import Found, Missing, Unread
from diag.core.registration import Owner

READ = datetime(2026, 11, 22, 9, tzinfo=UTC)
APP = "11111111-2222-4333-8444-555555555555"
THUMB = "DA20FCA6959B47D07CB1E5C63BD9E2C0A1B2C3D4"


def stored(made: RegistrationObject) -> StoredObject:
    return StoredObject(
        kind=made.kind, object_id=made.object_id, app_id=made.app_id, display_name=made.display_name, body=made.body,
        valid_from=READ, valid_until=None, read_at=READ,
    )  # fmt: skip


def nothing(kind: Kind, because: str = "") -> StoredObject:
    return StoredObject(
        kind=kind, object_id="o", app_id=APP, display_name="", body=None, valid_from=READ, valid_until=None,
        read_at=READ, unread_because=because,
    )  # fmt: skip


def application(**more: Any) -> dict[str, Any]:
    return {"id": "O1", "appId": APP, "displayName": "Orders", "web": {"redirectUris": ["https://a.contoso.example/"]},
            "spa": {"redirectUris": []}, "publicClient": {"redirectUris": []}, **more}  # fmt: skip


def test_a_stored_application_gives_facts_with_the_instant_it_was_read() -> None:
    facts = StoredFacts().facts({"application": stored(whole_object("application", application()))})
    assert facts.application.display_name == Found("Orders", "registration", READ)
    assert isinstance(facts.application.redirect_uris, Found)
    assert facts.application.redirect_uris.complete
    assert facts.service_principal.exists == Unread()
    assert facts.grants == Unread()


def test_an_object_looked_for_in_vain_is_missing_and_one_that_could_not_be_read_is_unread() -> None:
    facts = StoredFacts().facts(
        {"application": nothing("application"), "service_principal": nothing("service_principal", "no permission")}
    )
    assert facts.application.exists == Missing("registration", READ)
    assert facts.service_principal.exists == Unread("no permission")


def test_details_join_their_object() -> None:
    federated = {"id": "f", "name": "ci", "issuer": "https://i.contoso.example", "subject": "s", "audiences": ["a"]}
    owner = {"id": "u", "displayName": "Ada", "@odata.type": "#microsoft.graph.user"}
    grant = {"id": "g", "clientId": "C", "resourceId": "R", "consentType": "AllPrincipals", "scope": "User.Read"}
    facts = StoredFacts().facts(
        {
            "application": stored(whole_object("application", application())),
            "federated_credentials": stored(details("federated_credentials", "o1", APP, [federated])),
            "owners": stored(details("owners", "o1", APP, [owner])),
            "grants": stored(details("grants", "o2", APP, [grant])),
            "access_policies": stored(details("access_policies", "access_policies", "", [])),
        }
    )
    assert isinstance(facts.application.federated_credentials, Found)
    assert facts.application.federated_credentials.value[0].subject == "s"
    assert facts.application.owners == Found((Owner(name="Ada", object_id="u"),), "registration", READ)
    assert isinstance(facts.grants, Found)
    assert facts.access_policies == Found((), "registration", READ)


def test_a_deleted_application_is_found_by_its_application_id() -> None:
    gone = {"id": "o", "appId": APP.upper(), "displayName": "Old", "deletedDateTime": "2026-11-20T00:00:00Z"}
    objects: dict[Kind, StoredObject] = {
        "deleted_applications": stored(details("deleted_applications", "deleted_applications", "", [gone]))
    }
    assert StoredFacts().facts(objects, APP).deleted_application.display_name == Found("Old", "registration", READ)
    other = "99999999-2222-4333-8444-555555555555"
    assert StoredFacts().facts(objects, other).deleted_application.exists == Missing("registration", READ)
    assert StoredFacts().facts(objects).deleted_application.exists == Unread()


def test_the_body_loses_annotations_and_certificate_bytes_and_nothing_else() -> None:
    given = application(
        keyCredentials=[{"keyId": "k", "key": "MIIB", "usage": "Verify"}],
        somethingOfTomorrow={"a": 1},
        **{"@odata.context": "x", "owners@odata.nextLink": "y"},
    )
    body = json.loads(whole_object("application", given).body)
    assert body == {
        **application(keyCredentials=[{"keyId": "k", "usage": "Verify"}], somethingOfTomorrow={"a": 1}),
        "owners@odata.nextLink": "y",
    }


def test_the_order_in_which_graph_lists_things_is_no_change() -> None:
    one, two = {"id": "1", "scope": "a"}, {"scope": "b", "id": "2"}
    assert details("grants", "o", APP, [one, two]).body == details("grants", "o", APP, [two, one]).body
    swapped = dict(reversed(application().items()))
    assert whole_object("application", application()).body == whole_object("application", swapped).body


def test_values_that_others_may_hold_by_mistake_are_listed_once() -> None:
    secret = {"keyId": "k1", "hint": "abc", "endDateTime": "2027-01-01T00:00:00Z"}
    made = whole_object("application", application(passwordCredentials=[secret], identifierUris=["api://x"]))
    assert set(made.values) == {
        RegisteredValue("object_id", "O1"),
        RegisteredValue("redirect_uri", "https://a.contoso.example/"),
        RegisteredValue("identifier_uri", "api://x"),
        RegisteredValue("key_id", "k1"),
    }
    federated = details("federated_credentials", "o", APP, [{"issuer": "i", "subject": "s", "audiences": []}])
    assert federated.values == (RegisteredValue("federated_credential", "i\ns"),)


def test_one_saml_certificate_is_one_credential_however_often_it_is_listed() -> None:
    mark = base64.b64encode(bytes.fromhex(THUMB)).decode()
    other = base64.b64encode(b"y" * 20).decode()
    end = {"endDateTime": "2027-01-01T00:00:00Z"}
    given = {
        "id": "S1",
        "appId": APP,
        "preferredTokenSigningKeyThumbprint": THUMB,
        "keyCredentials": [
            {"keyId": "k1", "usage": "Sign", "type": "X509CertAndPassword", "customKeyIdentifier": mark, **end},
            {"keyId": "k2", "usage": "Verify", "type": "AsymmetricX509Cert", "customKeyIdentifier": mark, **end},
            {"keyId": "k3", "usage": "Sign", "customKeyIdentifier": other, **end},
            {"keyId": "k4", "usage": "Verify", "customKeyIdentifier": other, **end},
        ],
        "passwordCredentials": [{"keyId": "k1", "customKeyIdentifier": mark}, {"keyId": "k9", "hint": "abc", **end}],
    }
    rows = whole_object("service_principal", given).credentials
    assert [(row.key_id, row.kind, row.active) for row in rows] == [
        ("k9", "secret", True),
        ("k2", "saml_signing", True),
        ("k4", "saml_signing", False),
    ]
    assert rows[1].thumbprint == THUMB


def test_a_token_encryption_key_is_its_own_kind() -> None:
    given = application(
        tokenEncryptionKeyId="k1", keyCredentials=[{"keyId": "k1", "usage": "Encrypt"}, {"keyId": "k2"}]
    )
    assert [row.kind for row in whole_object("application", given).credentials] == ["token_encryption", "certificate"]


def test_what_delta_says_is_gone_is_removed_with_whether_it_can_come_back() -> None:
    assert removed_object("application", {"id": "O", "@removed": {"reason": "changed"}}) == RemovedObject(
        "application", "O", True
    )
    assert removed_object("application", {"id": "O", "@removed": {"reason": "deleted"}}) == RemovedObject(
        "application", "O", False
    )
    assert removed_object("application", {"id": "O"}) is None
