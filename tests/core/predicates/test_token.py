"""Questions about the token that an API refuses."""

from typing import Any

import msgspec
import pytest

from diag.core.access_tokens import is_graph, issuer_tenant, issuer_version
from diag.core.facts import Facts
from diag.core.identifiers import ObjectId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, absent, present
from diag.core.registration import Application, DelegatedGrant, ServicePrincipal
from diag.core.sign_in import Failure, Token
from diag.core.verdict import No, Unknown, Verdict, Yes

API = "8dca5a7e-af96-4c4d-9eb1-6a9c2f5dae05"
CLIENT = "5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"
TENANT, OTHER = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a", "e5a7c9db-4f6b-4d8e-9aac-7b9d1e3f5a02"
GRAPH = "00000003-0000-0000-c000-000000000000"
V1, V2 = f"https://sts.windows.net/{TENANT}/", f"https://login.microsoftonline.com/{TENANT}/v2.0"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def claims(**told: Any) -> Token:
    reads = {name: present(value, "token") if value is not None else Missing("token") for name, value in told.items()}
    return Token(exists=present(True, "token"), **reads)


def expecting(audience: str | None = None, issuer: str | None = None, client: str | None = None) -> Failure:
    return Failure(
        expected_audience=present(audience, "request") if audience else UNREAD,
        expected_issuer=present(issuer, "request") if issuer else UNREAD,
        app_id=present(client, "request") if client else UNREAD,
    )


@pytest.mark.parametrize(
    ("sent", "expected", "part", "verdict"),
    [
        ("https://orders.contoso.example", "https://orders.contoso.example/", "slash", Yes),
        ("https://orders.contoso.example", "https://orders.contoso.example", "slash", No),
        ("https://orders.contoso.example", "https://shop.contoso.example/", "slash", No),
        (API, API + " ", "blank", Yes),
        (API, API + "\n", "blank", Yes),
        (API, API, "blank", No),
        (API, CLIENT, "blank", No),
    ],
)
def test_audiences_differ_in_a_slash_or_a_blank(sent: str, expected: str, part: str, verdict: type) -> None:
    facts = Facts(failure=expecting(expected), token=claims(audience=sent))
    assert isinstance(ask("token.audience_differs_in", facts, part=part), verdict)


def test_two_audiences_that_a_message_prints_as_equal_differ_in_what_cannot_be_seen() -> None:
    failure = Failure(resource=present(API, "text"), expected_audience=present(API, "text"))
    assert isinstance(ask("token.audience_differs_in", Facts(failure=failure), part="blank"), Yes)
    assert isinstance(ask("token.audience_differs_in", Facts(failure=failure), part="slash"), No)


def test_unread_audiences_are_asked_for() -> None:
    verdict = ask("token.audience_differs_in", Facts(), part="slash")
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["token.audience", "failure.expected_audience"]
    requested = Facts(failure=Failure(resource=present(API, "request"), expected_audience=present(API)))
    assert isinstance(ask("token.audience_differs_in", requested, part="slash"), Unknown)


def test_an_id_token_is_for_the_client_and_permits_nothing() -> None:
    failure = expecting(client=CLIENT)
    shown = Facts(failure=failure, token=claims(audience=CLIENT, scopes=None, roles=None))
    assert isinstance(ask("token.is_id_token", shown), Yes)
    permitting = Facts(failure=failure, token=claims(audience=CLIENT, scopes=("Orders.Read",)))
    assert isinstance(ask("token.is_id_token", permitting), No)
    other = Facts(failure=failure, token=claims(audience=API, scopes=None, roles=None))
    assert isinstance(ask("token.is_id_token", other), No)
    address = Facts(token=claims(audience="https://orders.contoso.example"))
    assert isinstance(ask("token.is_id_token", address), No)
    assert isinstance(ask("token.is_id_token", Facts(token=claims(audience=GRAPH))), No)


def test_a_token_of_which_too_little_was_shown_may_be_an_id_token() -> None:
    assert isinstance(ask("token.is_id_token", Facts()), Unknown)
    assert isinstance(ask("token.is_id_token", Facts(token=claims(audience=CLIENT))), Unknown)
    half = Facts(failure=expecting(client=CLIENT), token=claims(audience=CLIENT))
    assert isinstance(ask("token.is_id_token", half), Unknown)


@pytest.mark.parametrize(
    ("token", "expected", "verdict"),
    [
        (claims(audience=GRAPH), None, Yes),
        (claims(audience="https://graph.microsoft.com/"), API, Yes),
        (claims(audience=GRAPH), "https://graph.microsoft.com", No),
        (claims(audience=API), None, No),
        (claims(header_nonce="x"), None, Yes),
        (Token(), None, Unknown),
    ],
)
def test_a_token_for_graph_is_for_another_api_unless_graph_expects_it(
    token: Token, expected: str | None, verdict: type
) -> None:
    assert isinstance(ask("token.is_for_other_api", Facts(failure=expecting(expected), token=token)), verdict)


def test_application_id_and_app_id_uri_are_names_of_one_api() -> None:
    uri = "https://orders.contoso.example"
    api = Application(app_id=present(API), identifier_uris=present((uri,)))
    name = "token.audience_is_other_name"
    assert isinstance(ask(name, Facts(failure=expecting(API), token=claims(audience=uri), application=api)), Yes)
    assert isinstance(ask(name, Facts(failure=expecting(API), token=claims(audience=f"api://{API}"))), Yes)
    resource = ServicePrincipal(app_id=present(API), names=present((uri, API)))
    assert isinstance(ask(name, Facts(failure=expecting(uri), token=claims(audience=API), resource=resource)), Yes)
    assert isinstance(ask(name, Facts(failure=expecting(API), token=claims(audience=CLIENT), application=api)), No)
    assert isinstance(ask(name, Facts(failure=expecting(API), token=claims(audience=API))), No)
    assert isinstance(ask(name, Facts(failure=expecting(API), token=claims(audience=uri))), Unknown)
    assert isinstance(ask(name, Facts()), Unknown)


@pytest.mark.parametrize(
    ("token", "expected", "verdict"),
    [
        (claims(issuer=V1), V2, Yes),
        (claims(issuer=V2), V1, Yes),
        (claims(issuer=V2), V2, No),
        (claims(version="1.0"), V2, Yes),
        (claims(version="2.0"), V2, No),
        (claims(issuer="https://id.contoso.example"), V2, No),
        (Token(), V2, Unknown),
        (claims(issuer=V1), None, Unknown),
    ],
)
def test_versions_are_told_by_issuer_or_ver(token: Token, expected: str | None, verdict: type) -> None:
    facts = Facts(failure=expecting(issuer=expected), token=token)
    assert isinstance(ask("token.version_differs", facts), verdict)


def test_tenants_are_compared_whatever_the_version() -> None:
    name = "token.is_of_other_tenant"
    other = V2.replace(TENANT, OTHER)
    assert isinstance(ask(name, Facts(failure=expecting(issuer=V2), token=claims(issuer=other))), Yes)
    assert isinstance(ask(name, Facts(failure=expecting(issuer=V2), token=claims(issuer=V1))), No)
    template = "https://login.microsoftonline.com/{tenantid}/v2.0"
    assert isinstance(ask(name, Facts(failure=expecting(issuer=template), token=claims(issuer=V2))), No)
    assert isinstance(ask(name, Facts(failure=expecting(issuer=V2))), Unknown)


def test_a_token_carries_scopes_or_roles_or_nothing() -> None:
    name = "token.carries_permission"
    assert isinstance(ask(name, Facts(token=claims(scopes=("Orders.Read",)))), Yes)
    assert isinstance(ask(name, Facts(token=claims(roles=("Orders.Read.All",)))), Yes)
    assert isinstance(ask(name, Facts(token=claims(scopes=None, roles=None))), No)
    assert isinstance(ask(name, Facts(token=claims(scopes=None))), Unknown)
    assert isinstance(ask(name, Facts(token=absent(Token))), Unknown)
    assert isinstance(ask(name, Facts()), Unknown)


def test_issuers_are_read_only_where_they_are_entra_id_s() -> None:
    assert (issuer_version(V1), issuer_version(V2)) == ("1.0", "2.0")
    assert issuer_version("https://login.microsoftonline.com.evil.example/x/v2.0") is None
    assert issuer_tenant(V1) == TENANT
    assert issuer_tenant("https://id.contoso.example/x") is None
    assert is_graph("https://graph.microsoft.com/")
    assert not is_graph("https://graph.windows.net")


def granted(*scopes: str, api: str = GRAPH, complete: bool = True) -> Found[tuple[DelegatedGrant, ...]]:
    grant = DelegatedGrant(ObjectId("c1"), ObjectId(api), "AllPrincipals", scopes)
    return Found((grant,), complete=complete)


def test_a_granted_scope_that_the_token_lacks_is_named() -> None:
    facts = Facts(token=claims(scopes=("User.Read",)), grants=granted("openid", "user.read", "Mail.Read"))
    verdict = ask("token.lacks_granted_scope", facts)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"carried": "“User.Read”", "lacking": "“Mail.Read”"}


def test_scopes_of_another_api_do_not_count_where_the_api_is_known() -> None:
    token = claims(scopes=("User.Read",))
    resource = ServicePrincipal(object_id=present("r1"))
    facts = Facts(token=token, grants=granted("Orders.Read", api="r2"), resource=resource)
    assert isinstance(ask("token.lacks_granted_scope", facts), No)
    assert isinstance(
        ask("token.lacks_granted_scope", Facts(token=token, grants=granted("Mail.Read", api="R1"), resource=resource)),
        Yes,
    )


def test_a_token_or_grants_that_nobody_showed_leave_open_what_it_lacks() -> None:
    token = claims(scopes=("User.Read",))
    assert isinstance(ask("token.lacks_granted_scope", Facts(grants=granted("Mail.Read"))), Unknown)
    assert isinstance(ask("token.lacks_granted_scope", Facts(token=token)), Unknown)
    assert isinstance(
        ask("token.lacks_granted_scope", Facts(token=token, grants=granted("User.Read", complete=False))), Unknown
    )
    assert isinstance(ask("token.lacks_granted_scope", Facts(token=token, grants=granted("User.Read"))), No)
