import pytest

from diag.core.secret_shape import shape_of


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f01", "guid"),
        ("{7B9D1F3E-5A6C-4D8E-9F0A-1B2C3D4E5F01}", "guid"),
        ("@Microsoft.KeyVault(SecretUri=https://kv-orders.vault.azure.net/secrets/x)", "reference"),
        ("${CLIENT_SECRET}", "reference"),
        ("$(ClientSecret)", "reference"),
        ("%CLIENT_SECRET%", "reference"),
        ("https://kv-orders.vault.azure.net/secrets/client", "reference"),
        ("<your-client-secret>", "placeholder"),
        ("your-client-secret", "placeholder"),
        ("changeme", "placeholder"),
        ("", "placeholder"),
        ("abc8Q~" + "x1Y_" * 8 + "zz", "opaque"),
        ("q1W+e2/R3=t4Y5", "opaque"),
    ],
)
def test_the_kind_of_a_secret_is_told_apart(secret: str, kind: str) -> None:
    assert shape_of(secret).kind == kind


def test_at_most_three_characters_of_a_secret_leave() -> None:
    secret = "abc8Q~Zy9Xw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0Fe9"
    shape = shape_of(secret)
    assert (shape.hint, shape.length, shape.has_special_characters) == ("abc", len(secret), False)
    assert secret[3:8] not in repr(shape)


def test_of_a_short_secret_nothing_leaves_but_its_length() -> None:
    assert shape_of("hunter2hunt").hint is None


def test_characters_that_a_form_must_encode_are_noticed() -> None:
    assert shape_of("abcdefghijkl+mnop").has_special_characters is True
