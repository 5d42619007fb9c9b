from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from diag.core.alerts import Quieting
from diag.core.inventory import CredentialRow
from diag.core.noise import IN_USE, NOT_SEEN, STILL_TRIED, Quiet, Sight, Used, acknowledged, quiet, quiet_until
from diag.core.profile import MICROSOFT_TENANTS, Profile
from tests.workflows.fakes import NOW, TENANT

TICK = timedelta(microseconds=1)
OLD = CredentialRow(
    owner_kind="application",
    owner_object_id="o",
    app_id="a",
    key_id="old",
    kind="secret",
    display_name="old one",
    starts=NOW - timedelta(days=700),
    ends=NOW + timedelta(days=20),
)
NEW = replace(
    OLD, key_id="new", display_name="new one", starts=NOW - timedelta(days=30), ends=NOW + timedelta(days=700)
)
DAEMON = Profile(users_sign_in=False)
SEEN = Sight(counted_since=NOW - timedelta(days=100))


def _old(**changed: Any) -> Used:
    last_tried = changed.pop("last_tried", None)
    return Used(credential=replace(OLD, **changed), last_used=NOW - timedelta(days=40), last_tried=last_tried)


def _asked(old: Used | None = None, new: Used | None = None, **more: Any) -> Quiet | None:
    old = old or _old()
    new = new or Used(credential=NEW, last_used=NOW - timedelta(hours=3))
    return quiet(old, [old, new], NOW, **{"profile": DAEMON, "sight": SEEN, **more})


def _code(found: Quiet | None) -> str:
    return found.code if found else ""


def test_what_was_replaced_and_is_not_used_any_more_is_quiet_and_names_its_successor() -> None:
    found = _asked()
    assert _code(found) == "superseded"
    assert found is not None
    assert "new one" in found.because


@pytest.mark.parametrize(
    "hidden",
    [
        {"profile": Profile(users_sign_in=True)},
        {"profile": Profile(users_sign_in=None)},
        {"profile": None},
        {"sight": Sight()},
        {"sight": None},
        {"sight": Sight(counted_since=NOW - NOT_SEEN + TICK)},
        {"sight": Sight(counted_since=NOW - timedelta(days=100), nameless=True)},
    ],
    ids=[
        "people sign in",
        "not known whether people do",
        "not read",
        "not counted",
        "none",
        "counted too short",
        "nameless",
    ],
)
def test_where_use_could_hide_nothing_is_called_superseded_or_unused(hidden: dict[str, Any]) -> None:
    assert _asked(unused_days=14, **hidden) is None


@pytest.mark.parametrize(
    ("ago", "code"),
    [(NOT_SEEN, "superseded"), (NOT_SEEN - TICK, ""), (timedelta(), "")],
    ids=["long ago", "lately", "now"],
)
def test_a_replaced_credential_that_was_used_lately_is_told(ago: timedelta, code: str) -> None:
    assert _code(_asked(Used(credential=OLD, last_used=NOW - ago))) == code


@pytest.mark.parametrize(("ago", "code"), [(IN_USE, "superseded"), (IN_USE + TICK, "")])
def test_a_successor_counts_only_when_it_is_in_use(ago: timedelta, code: str) -> None:
    assert _code(_asked(new=Used(credential=NEW, last_used=NOW - ago))) == code


def test_a_successor_must_outlive_it_and_be_a_client_credential() -> None:
    lately = NOW - timedelta(hours=1)
    assert _asked(new=Used(credential=replace(NEW, ends=OLD.ends), last_used=lately)) is None
    assert _asked(new=Used(credential=replace(NEW, kind="saml_signing"), last_used=lately)) is None
    assert (
        _code(_asked(new=Used(credential=replace(NEW, ends=None, kind="certificate"), last_used=lately)))
        == "superseded"
    )


@pytest.mark.parametrize(("ago", "code"), [(STILL_TRIED, "superseded"), (STILL_TRIED - TICK, "")])
def test_what_somebody_still_tries_in_vain_is_told(ago: timedelta, code: str) -> None:
    assert _code(_asked(_old(last_tried=NOW - ago))) == code


def test_what_was_not_used_for_long_is_quiet_when_the_policy_says_so() -> None:
    alone = Used(credential=OLD, last_used=NOW - timedelta(days=95))
    asked = {"profile": DAEMON, "sight": SEEN}
    assert _code(quiet(alone, [alone], NOW, unused_days=90, **asked)) == "unused"
    assert quiet(alone, [alone], NOW, unused_days=0, **asked) is None
    assert quiet(alone, [alone], NOW, unused_days=99, **asked) is None
    young = replace(alone, credential=replace(OLD, starts=NOW - timedelta(days=89)), last_used=None)
    assert quiet(young, [young], NOW, unused_days=90, **asked) is None


@pytest.mark.parametrize(
    "name",
    [
        "CWAP_AuthSecret",
        "ConnectSyncProvisioning_host_0a1b",
        "CN=ConnectSyncProvisioning_host_0a1b",
        "CN=MS-Organization-P2P-Access [2026]",
    ],
)
def test_what_the_platform_renews_itself_is_quiet_with_its_reason(name: str) -> None:
    found = quiet(_old(display_name=name), [], NOW)
    assert _code(found) == "platform"


def test_certificates_of_entra_connects_application_are_quiet_and_its_secrets_are_not() -> None:
    profile = Profile(name="ConnectSyncProvisioning_host_0a1b")
    assert _code(quiet(_old(kind="certificate", display_name="any"), [], NOW, profile=profile)) == "platform"
    assert quiet(_old(kind="secret", display_name="any"), [], NOW, profile=profile) is None


@pytest.mark.parametrize("name", ["CWAP_AuthSecret copy", "my ConnectSyncProvisioning_", "cwap_authsecret", ""])
def test_a_name_that_only_resembles_the_platforms_is_not_quiet(name: str) -> None:
    assert quiet(_old(display_name=name), [], NOW) is None


@pytest.mark.parametrize(
    ("application", "code"),
    [
        ("ConnectSyncProvisioning_AADC01_8f2c", "platform"),
        ("P2P Server", "platform"),
        ("Our ConnectSyncProvisioning_x", ""),
        ("P2P Server of ours", ""),
    ],
)
def test_the_platforms_own_tools_are_known_by_their_applications_name(application: str, code: str) -> None:
    assert _code(quiet(_old(kind="certificate"), [], NOW, application=application)) == code
    assert quiet(_old(), [], NOW, application=application) is None


@pytest.mark.parametrize(
    "profile", [Profile(principal_type="ManagedIdentity"), *(Profile(owner_tenant_id=t) for t in MICROSOFT_TENANTS)]
)
def test_credentials_of_managed_identities_and_of_microsofts_applications_are_quiet(profile: Profile) -> None:
    assert _code(quiet(_old(owner_kind="service_principal"), [], NOW, profile=profile)) == "platform"
    assert quiet(_old(), [], NOW, profile=profile) is None


def test_a_saml_certificate_is_quiet_only_when_another_one_is_the_active_one() -> None:
    old, active = _old(kind="saml_signing", active=False), _old(kind="saml_signing", key_id="k2")
    assert _code(quiet(old, [old, active], NOW)) == "inactive"
    assert quiet(old, [old], NOW) is None
    assert quiet(old, [old, _old(key_id="k3")], NOW) is None
    assert quiet(active, [old, active], NOW) is None


def test_a_rule_gives_its_own_reason() -> None:
    found = quiet(_old(), [], NOW, rule=("vendors", "The vendor renews it."))
    assert found == Quiet("rule", "The vendor renews it (rule vendors).")


def _snooze(until: Any, **changed: Any) -> Quieting:
    given = Quieting(
        tenant_id=TENANT,
        topic="t",
        action="snooze",
        until=until,
        by="ada",
        why="moves in June",
        at=NOW - timedelta(days=1),
    )
    return replace(given, **changed)


@pytest.mark.parametrize(("until", "code"), [(NOW + TICK, "snoozed"), (NOW, ""), (None, "snoozed")])
def test_a_snooze_holds_until_its_instant_or_for_good(until: Any, code: str) -> None:
    found = quiet(_old(), [], NOW, quietings=[_snooze(until)])
    assert _code(found) == code
    if found:
        assert "ada" in found.because
        assert "moves in June" in found.because


def test_an_acknowledgement_keeps_nothing_quiet_and_is_found_while_it_holds() -> None:
    holds = _snooze(NOW + TICK, action="acknowledge")
    over = _snooze(NOW, action="acknowledge")
    assert quiet(_old(), [], NOW, quietings=[holds]) is None
    assert acknowledged([over, holds], NOW) == holds
    assert acknowledged([over, _snooze(None)], NOW) is None


def test_the_end_of_the_latest_snooze_that_is_over_is_known() -> None:
    ended = [_snooze(NOW - timedelta(days=3)), _snooze(NOW - timedelta(days=2)), _snooze(NOW + TICK), _snooze(None)]
    assert quiet_until(ended, NOW) == NOW - timedelta(days=2)
    assert quiet_until([_snooze(NOW - TICK, action="acknowledge")], NOW) is None
