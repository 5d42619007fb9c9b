"""What identifiers look like."""

import pytest

from diag.core.identifiers import id_shape, is_guid, nearly_equal, tenant_shape

GUID = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (GUID, "guid"),
        (GUID.upper(), "guid"),
        (f"'{GUID}'", "malformed"),
        (GUID[:-3], "malformed"),
        ("00000000-0000-0000-0000-000000000000", "zero_guid"),
        ("11111111-1111-1111-1111-111111111111", "zero_guid"),
        ("ENTER_YOUR_CLIENT_ID", "placeholder"),
        ("<client-id>", "placeholder"),
        ("Insert client ID here", "placeholder"),
        ("https://travel.fabrikam.example/saml", "address"),
        ("urn:fabrikam:travel", "address"),
        ("orderdesk", "malformed"),
    ],
)
def test_a_client_id_has_exactly_one_shape(text: str, shape: str) -> None:
    assert id_shape(text) == shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("3b1d5f7a-9c2e-4d6f-8a0b-1c3e5d7f9a2b", "guid"),
        ("3b1d5f7a-9c2e-4d6f-8a0b-1c3e", "malformed"),
        ("fabrikam.example", "domain"),
        ("fabrikam", "malformed"),
        ("${TENANT_ID}", "template"),
        ("{{tenant}}", "template"),
        ("undefined", "template"),
        ("%7Btenant%7D", "template"),
        ("tenant_id", "placeholder"),
        ("your-tenant-id", "placeholder"),
        ("[tenant-id]", "placeholder"),
        ("<tenant>", "placeholder"),
        ("00000000-0000-0000-0000-000000000000", "placeholder"),
        ("oauth2", "endpoint_word"),
        ("organizations", "endpoint_word"),
        ("AzureCloud", "setting_word"),
        ("pat@contoso.example", "setting_word"),
        ("Contoso Ltd", "setting_word"),
        ("fabrikam.partner.onmschina.cn", "other_cloud_domain"),
        ("9188040d-6c67-4c5b-b112-36a304b66dad", "well_known"),
    ],
)
def test_a_tenant_name_has_exactly_one_shape(text: str, shape: str) -> None:
    assert tenant_shape(text) == shape


@pytest.mark.parametrize(
    ("sent", "near"),
    [
        (GUID[:-1] + "9", True),
        (GUID[:-3] + "999", True),
        (GUID[:-4] + "9999", False),
        (GUID[:20], True),
        (GUID[:7], False),
        (GUID.replace("-", ""), True),
        (GUID + "0", True),
        ("a" * 40, False),
    ],
)
def test_up_to_three_wrong_characters_or_a_piece_are_nearly_equal(sent: str, near: bool) -> None:
    assert nearly_equal(sent, GUID) is near


def test_a_guid_is_one_in_either_letter_case() -> None:
    assert is_guid(GUID)
    assert is_guid(GUID.upper())
    assert not is_guid(GUID + " ")
