"""What the registration's history tells that the failed sign-in does not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from diag.core.directory import Change, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import AppId, ObjectId
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.predicates.federated_history import RetargetedArgs
from diag.core.read import Found, present
from diag.core.registration import (
    Application,
    DelegatedGrant,
    DelegatedPermission,
    RequiredPermission,
    ServicePrincipal,
)
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

API = AppId("00000003-0000-0000-c000-000000000000")
BEGAN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BRANCH, ENVIRONMENT = "repo:contoso/site:ref:refs/heads/main", "repo:contoso/site:environment:production"


def lagging(*, grants: Found[tuple[DelegatedGrant, ...]], resource: ServicePrincipal | None = None) -> Verdict:
    scopes = (DelegatedPermission("s1", "User.Read"), DelegatedPermission("s2", "Calendars.Read"))
    api = ServicePrincipal(object_id=present("graph"), app_id=present(str(API)), scopes=present(scopes))
    listed = tuple(RequiredPermission(API, scope.id, "delegated") for scope in scopes)
    facts = Facts(
        application=Application(required_permissions=present(listed)),
        grants=grants,
        resource=resource if resource is not None else api,
    )
    return REGISTRY["consent.lags_behind_registration"].ask(facts, NoArgs())


def granted(*scopes: str, kind: str = "AllPrincipals", complete: bool = True) -> Found[tuple[DelegatedGrant, ...]]:
    grant = DelegatedGrant(ObjectId("client"), ObjectId("graph"), kind, scopes)
    return Found((grant,), complete=complete)


def test_a_listed_permission_outside_the_consent_for_all_users_is_named() -> None:
    verdict = lagging(grants=granted("user.read"))
    assert isinstance(verdict, Yes)
    assert verdict.gives["permission"] == "Calendars.Read"


def test_consent_to_everything_listed_does_not_lag() -> None:
    assert isinstance(lagging(grants=granted("User.Read", "Calendars.Read")), No)


def test_single_users_consent_is_no_consent_for_all() -> None:
    assert isinstance(lagging(grants=granted("User.Read", kind="Principal")), No)
    assert isinstance(lagging(grants=granted("User.Read", kind="Principal", complete=False)), Unknown)


def test_without_the_api_its_permissions_have_no_names() -> None:
    verdict = lagging(grants=granted("User.Read"), resource=ServicePrincipal())
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["resource.object_id"]


def retargeted(*, old: object, new: object, at: datetime, part: str = "entity_type", complete: bool = True) -> Verdict:
    item = PropertyChange("FederatedIdentityCredentials", json.dumps(old), json.dumps(new))
    changes = Found((Change(at, "Update application", "greta", "o1", "Site", (item,)),), "history", complete=complete)
    facts = Facts(changes=changes, failure=Failure(failures_since=present(BEGAN, "sign_in")))
    return REGISTRY["federated_credential.was_retargeted_within"].ask(facts, RetargetedArgs(part, 7))


def credential(subject: str, name: str = "site") -> dict[str, object]:
    issuer = "https://token.actions.githubusercontent.com"
    return {"Id": "c1", "Name": name, "Issuer": issuer, "Subject": subject, "Audiences": []}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_subject_changed_to_another_kind_before_the_failures_is_told(wrapped: bool) -> None:
    old, new = credential(BRANCH), credential(ENVIRONMENT)
    verdict = retargeted(old=[old] if wrapped else old, new=[new] if wrapped else new, at=BEGAN - timedelta(hours=1))
    assert isinstance(verdict, Yes)
    assert BRANCH in verdict.evidence[0].statement
    assert ENVIRONMENT in verdict.evidence[0].statement


@pytest.mark.parametrize(
    ("offset", "kind"),
    [(timedelta(0), Yes), (timedelta(days=7), Yes), (timedelta(days=7, seconds=1), No), (timedelta(seconds=-1), No)],
)
def test_only_changes_of_the_days_before_the_first_failure_count(offset: timedelta, kind: type[Verdict]) -> None:
    assert isinstance(retargeted(old=credential(BRANCH), new=credential(ENVIRONMENT), at=BEGAN - offset), kind)


def test_another_name_of_the_same_kind_is_another_part() -> None:
    old, new = credential(BRANCH), credential(BRANCH.replace("main", "release"))
    assert isinstance(retargeted(old=old, new=new, at=BEGAN), No)
    assert isinstance(retargeted(old=old, new=new, at=BEGAN, part="entity_name"), Yes)


@pytest.mark.parametrize("value", ["orders", 7, None, {"Name": "x"}, ["a"]])
def test_an_audited_value_of_unknown_form_proves_nothing(value: object) -> None:
    assert isinstance(retargeted(old=value, new=value, at=BEGAN), No)


def test_a_list_of_changes_that_was_cut_short_leaves_it_open() -> None:
    assert isinstance(retargeted(old=[], new=[], at=BEGAN, complete=False), Unknown)


def test_unread_changes_or_an_unknown_beginning_leave_it_open() -> None:
    ask = REGISTRY["federated_credential.was_retargeted_within"].ask
    assert isinstance(ask(Facts(), RetargetedArgs("entity_type", 7)), Unknown)
    assert isinstance(ask(Facts(changes=Found((), "history")), RetargetedArgs("entity_type", 7)), Unknown)
