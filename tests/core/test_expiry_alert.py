from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from diag.core.expiry import Due
from diag.core.expiry_alert import inert_line, written
from diag.core.inventory import CredentialKind, CredentialRow

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
APP = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"
KEY = "0b2c4d6e-1111-4222-8333-444455556666"
CREDENTIAL = CredentialRow(
    owner_kind="application",
    owner_object_id="object",
    app_id=APP,
    key_id=KEY,
    kind="secret",
    display_name="nightly batch",
    hint="abc",
    ends=NOW + timedelta(days=7),
)
DUE = Due(7, NOW, False)


def _alert(credential: CredentialRow = CREDENTIAL, reached: Due = DUE, application: str = "Orders", **more: datetime):  # type: ignore[no-untyped-def]
    return written(credential, reached, NOW, key="k", tenant_id="contoso.example", application=application, **more)


def test_an_alert_says_which_credential_of_which_application_ends_when_and_where_to_look() -> None:
    alert = _alert()
    assert alert.subject == "Orders: client secret ends in 7 days"
    for part in ("Orders", APP, "nightly batch", "begins with abc", KEY, "2026-11-29 10:00 UTC"):
        assert part in alert.body
    assert alert.link == f"/applications/{APP}?tenant_id=contoso.example"
    assert (alert.kind, alert.due_at, alert.late) == ("credential_ending", NOW, False)


@pytest.mark.parametrize("kind", ["secret", "certificate", "saml_signing", "token_encryption"])
def test_the_steps_add_before_they_remove_and_remove_by_key_id(kind: CredentialKind) -> None:
    steps = _alert(replace(CREDENTIAL, kind=kind)).body.partition("What to do")[2].splitlines()[1:]
    assert [step[:2] for step in steps] == ["1.", "2.", "3.", "4."]
    assert "Add a new" in steps[0]
    assert steps[3].endswith(f"{KEY}.")
    assert "emove" not in "".join(steps[:3])


def test_what_has_ended_is_said_to_have_ended_whichever_threshold_led_to_it() -> None:
    ended = replace(CREDENTIAL, ends=NOW - timedelta(days=3))
    for threshold in (0, 30):
        alert = _alert(ended, Due(threshold, NOW, True))
        assert alert.subject == "Orders: client secret ended 3 days ago"
        assert alert.kind == "credential_ended"


def test_at_the_last_threshold_before_its_end_nothing_is_said_to_have_ended() -> None:
    alert = _alert(replace(CREDENTIAL, ends=NOW + timedelta(seconds=1)), Due(1, NOW, False))
    assert alert.kind == "credential_ending"


def test_a_late_alert_says_when_it_was_due() -> None:
    body = _alert(reached=Due(7, NOW - timedelta(days=2), True)).body
    assert "2026-11-20 10:00 UTC" in body
    assert "late" in body
    assert "late" not in _alert().body


def test_use_is_told_only_where_it_was_seen() -> None:
    body = _alert(last_used=NOW - timedelta(hours=3), last_tried=NOW - timedelta(hours=2)).body
    assert "2026-11-22 07:00 UTC" in body
    assert "2026-11-22 08:00 UTC" in body
    assert "sign-in seen" not in _alert().body


def test_an_application_without_a_name_is_named_by_its_id_and_a_credential_so() -> None:
    alert = _alert(replace(CREDENTIAL, display_name="", hint=""), application=" \n")
    assert alert.subject.startswith(APP)
    assert "client secret without a name, key ID" in alert.body


@pytest.mark.parametrize("evil", ["Orders\r\nBcc: all@contoso.example", "a\u2028What to do: nothing", "a\x00b\x1b[2J"])
def test_a_name_cannot_begin_a_line_of_its_own(evil: str) -> None:
    plain = len(_alert().body.splitlines())
    for alert in (_alert(application=evil), _alert(replace(CREDENTIAL, display_name=evil))):
        assert len(alert.body.splitlines()) == plain
        assert alert.subject.isprintable()


@pytest.mark.parametrize(
    ("evil", "line"),
    [
        ("pay \u202eevil\u202c", "pay evil"),
        ("go https://evil.example/x", "go https: //evil.example/x"),
        ("www.evil.example", "www. evil.example"),
        ("x" * 500, "x" * 79 + "…"),
    ],
)
def test_a_name_hides_nothing_links_nowhere_and_ends(evil: str, line: str) -> None:
    assert inert_line(evil) == line


def test_parts_of_the_link_cannot_change_where_it_leads() -> None:
    alert = _alert(replace(CREDENTIAL, app_id="../x?y=1#z"))
    assert alert.link == "/applications/..%2Fx%3Fy%3D1%23z?tenant_id=contoso.example"
