"""An address of a failed request enters a command only where the application already lists its host."""

from datetime import UTC, datetime

import pytest

from diag.core.directory import Change, PropertyChange
from diag.core.facts import Facts
from diag.core.read import Found, Source, Unread, present
from diag.core.registration import RedirectUri
from diag.core.remedies.addresses import judged, parsed
from diag.core.remedy import Commands, GraphRequest, Unavailable
from diag.core.sign_in import Failure
from tests.core.remedies.given import HOME, SECOND, application, claim, facts, redirects, render, texts

NEW = "https://orders.contoso.example/new"


def commands(given: Facts, name: str = "add_redirect_uri", **args: str) -> Commands:
    shown = render(name, given, args).commands
    assert shown is not None
    return shown


def patch(shown: Commands) -> GraphRequest:
    assert not isinstance(shown.graph, Unavailable)
    return shown.graph[-1]


def test_an_address_on_a_listed_host_is_added_to_the_whole_list() -> None:
    shown = commands(facts(), uri=NEW, platform="web")
    assert patch(shown).method == "PATCH"
    assert patch(shown).body == {"web": {"redirectUris": [HOME, SECOND, NEW]}}
    fix = render("add_redirect_uri", facts(), {"uri": NEW, "platform": "web"})
    assert "2026-11-22T10:00:00Z" in fix.caution
    assert fix.rollback is not None
    assert fix.rollback.commands is not None
    assert patch(fix.rollback.commands).body == {"web": {"redirectUris": [HOME, SECOND]}}


def test_an_address_that_is_listed_already_is_not_doubled() -> None:
    assert patch(commands(facts(), uri=HOME, platform="web")).body == {"web": {"redirectUris": [SECOND, HOME]}}


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/new",
        "https://orders.contoso.example.evil.example/new",
        "https://evil-orders.contoso.example/new",
        "https://orders.contoso.example@evil.example/new",
        "https://evil.example\\@orders.contoso.example/new",
        "https://evil.example#@orders.contoso.example/",
        "https://orders.contoso.example:x@evil.example/",
        "https:/orders.contoso.example/new",
        "https:orders.contoso.example",
        "https://orders.contoso.exаmple/new",
        "https://orders%2econtoso.example/new",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp://callback",
        "",
    ],
)
def test_an_address_that_nothing_shows_to_be_ours_is_asked_about(uri: str) -> None:
    fix = render("add_redirect_uri", facts(), {"uri": uri, "platform": "web"})
    assert fix.commands is not None
    if uri:
        assert fix.do.startswith("Is the address")
        assert "do nothing" in fix.do
        assert all(uri not in text for text in texts(fix.commands).values())
    assert "<redirect-uri>" in str(fix.commands)


@pytest.mark.parametrize(
    "uri", ["http://orders.contoso.example/new", "https://*.contoso.example/", "https://orders.contoso.example/*"]
)
def test_plain_http_and_wildcards_are_never_added(uri: str) -> None:
    fix = render("add_redirect_uri", facts(), {"uri": uri, "platform": "web"})
    assert fix.do.startswith("Do not register")
    assert fix.commands is not None
    for tool in ("az", "graph", "powershell", "bicep", "terraform"):
        assert isinstance(getattr(fix.commands, tool), Unavailable)
    assert render("add_saml_reply_url", facts(), {"uri": uri}).do.startswith("Do not register")


GONE = "https://staging.fabrikam.example/signin-oidc"


def removed(uri: str, source: Source = "history") -> Facts:
    change = Change(
        datetime(2026, 11, 20, 7, 10, tzinfo=UTC),
        "Update application",
        actor="release@contoso.example",
        properties=(PropertyChange("AppAddress", f'[{{"Address":"{uri}"}},{{"Address":"{HOME}"}}]', f'["{HOME}"]'),),
    )
    return facts(changes=Found((change,), source))


@pytest.mark.parametrize("args", [{"uri": GONE}, {"uri": "", "removed": GONE}])
def test_an_address_that_was_removed_is_named_and_its_remover_is_asked_first(args: dict[str, str]) -> None:
    fix = render("add_redirect_uri", removed(GONE), args | {"platform": "spa"})
    assert fix.do.startswith(f"Was “{GONE}” removed on purpose? Ask “release@contoso.example”")
    assert fix.commands is not None
    assert patch(fix.commands).body == {"web": {"redirectUris": [HOME, SECOND, GONE]}}
    assert any("given up" in step for step in fix.before)
    assert any("under Web: the history does not tell" in step for step in fix.before)
    assert "register only hosts you keep under control" in fix.caution


@pytest.mark.parametrize("uri", ["http://staging.fabrikam.example/x", "https://*.fabrikam.example/x"])
def test_a_removed_address_over_plain_http_or_with_a_wildcard_does_not_come_back(uri: str) -> None:
    fix = render("add_redirect_uri", removed(uri), {"uri": uri, "platform": "web"})
    assert fix.do.startswith("Do not register")
    assert fix.commands is not None
    assert isinstance(fix.commands.az, Unavailable)


def test_a_removal_that_is_only_claimed_or_of_another_address_proves_nothing() -> None:
    for given in (removed(GONE, "request"), removed(SECOND + "/old")):
        fix = render("add_redirect_uri", given, {"uri": GONE, "platform": "web"})
        assert fix.do.startswith("Is the address")
        assert all(GONE not in text for text in texts(fix.commands).values()) if fix.commands else False


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_loopback_address_is_added_to_a_native_client_alone(host: str) -> None:
    uri = f"http://{host}:8400/callback"
    native = facts(application=application(**redirects((HOME,), (), ("msauth://com.contoso.orders/abc",))))
    assert judged(native, uri, "public_client").answer == "known"
    assert judged(native, uri, "web").answer == "ask"
    allowed = facts(application=application(is_fallback_public_client=present(True)))
    assert judged(allowed, uri, "public_client").answer == "known"
    claimed = facts(application=application(is_fallback_public_client=Found(True, "request")))
    assert judged(claimed, uri, "public_client").answer == "ask"
    assert judged(facts(), uri, "public_client").answer == "ask"
    assert judged(facts(), uri, "web").answer == "ask"
    assert judged(facts(), uri, "spa").answer == "ask"


def test_a_loopback_address_is_added_to_a_web_application_that_already_has_one() -> None:
    given = facts(application=application(**redirects((HOME, "http://localhost:3000/"))))
    assert judged(given, "http://localhost:5000/signin-oidc", "web").answer == "known"


def test_a_name_that_only_begins_like_loopback_is_not_one() -> None:
    assert judged(facts(), "http://localhost.evil.example/", "public_client").answer == "never"
    assert judged(facts(), "http://127.0.0.1.evil.example/", "public_client").answer == "never"


def test_an_app_scheme_is_known_by_scheme_and_host() -> None:
    given = facts(application=application(**redirects((HOME,), (), ("msauth://com.contoso.orders/abc",))))
    assert judged(given, "msauth://com.contoso.orders/def", "public_client").answer == "known"
    assert judged(given, "other://com.contoso.orders/def", "public_client").answer == "ask"


def test_case_of_the_host_does_not_matter_and_case_of_the_path_is_kept() -> None:
    uri = "https://ORDERS.contoso.example/New"
    assert judged(facts(), uri, "web").answer == "known"
    assert parsed(uri) == parsed("https://orders.contoso.example/other")
    assert uri in patch(commands(facts(), uri=uri, platform="web")).body["web"]["redirectUris"]


def test_a_list_from_the_failed_request_proves_nothing() -> None:
    claimed = application(
        **{name: Found(read.value, "request") for name, read in redirects(("https://evil.example/a",)).items()}
    )
    given = facts(application=claimed)
    assert judged(given, "https://evil.example/b", "web").answer == "ask"
    assert isinstance(commands(given, uri="https://evil.example/b", platform="web").graph, Unavailable)


def test_an_unread_list_withholds_the_static_forms_with_the_reason() -> None:
    unread = Unread("the permission Application.Read.All is not granted")
    read = redirects((HOME,)) | {"web_redirect_uris": unread}
    shown = commands(facts(application=application(**read)), uri=NEW, platform="web")
    for form in (shown.graph, shown.bicep, shown.terraform):
        assert isinstance(form, Unavailable)
        assert "Application.Read.All" in form.unavailable
    assert isinstance(shown.az, str)
    assert NEW in shown.az


def test_an_incomplete_list_withholds_the_static_forms() -> None:
    read = redirects((HOME,)) | {"web_redirect_uris": Found((HOME,), complete=False)}
    assert isinstance(commands(facts(application=application(**read)), uri=NEW, platform="web").graph, Unavailable)


def test_nothing_read_asks_first_and_shows_placeholders() -> None:
    fix = render("add_redirect_uri", Facts(failure=Failure(redirect_uri=claim(NEW))), {"uri": NEW, "platform": "web"})
    assert fix.do.startswith("Is the address")
    assert fix.commands is not None
    assert all(NEW not in text for text in texts(fix.commands).values())
    assert isinstance(fix.commands.graph, Unavailable)
    assert isinstance(fix.commands.az, str)
    assert "<application-id>" in fix.commands.az


def test_an_unknown_platform_is_asked_for_unless_one_alone_is_used() -> None:
    assert "web" in patch(commands(facts(), uri=NEW)).body
    both = facts(application=application(**redirects((HOME,), (SECOND,))))
    assert isinstance(commands(both, uri=NEW).az, Unavailable)


def test_az_reads_adds_writes_in_one_request_and_compares() -> None:
    script = commands(facts(), uri=NEW, platform="web").az
    assert isinstance(script, str)
    assert f'list1=\'[web.redirectUris[?!contains(`["{NEW}"]`, @)] || `[]`, `["{NEW}"]`][]\'' in script
    assert '--query "{web: {redirectUris: ${list1}}}"' in script
    assert script.count("--method PATCH") == 1
    assert 'if [ "$present" = "$wanted" ]' in script
    assert "HOME" not in script


def test_moving_is_one_request_with_both_platforms() -> None:
    shown = commands(facts(), "move_redirect_uri", uri=HOME, from_platform="web", to_platform="spa")
    assert not isinstance(shown.graph, Unavailable)
    assert [part.method for part in shown.graph] == ["GET", "PATCH"]
    assert patch(shown).body == {"web": {"redirectUris": [SECOND]}, "spa": {"redirectUris": [HOME]}}
    assert isinstance(shown.az, str)
    assert shown.az.count("--method PATCH") == 1
    assert '"{web: {redirectUris: ${list1}}, spa: {redirectUris: ${list2}}}"' in shown.az
    assert isinstance(shown.powershell, str)
    assert shown.powershell.count("Update-MgApplication") == 1


def test_only_an_address_that_was_read_on_its_platform_is_moved() -> None:
    for uri, source, target in ((NEW, "web", "spa"), (HOME, "spa", "web"), (HOME, "web", "web"), (HOME, "web", "")):
        shown = commands(facts(), "move_redirect_uri", uri=uri, from_platform=source, to_platform=target)
        assert isinstance(shown.az, Unavailable), (uri, source, target)


def test_the_service_principals_reply_urls_count_as_listed() -> None:
    given = Facts()
    principal = type(given.service_principal)(exists=present(True), reply_urls=present((HOME,)))
    assert judged(Facts(service_principal=principal), NEW, "web").answer == "known"
    listed = application(redirect_uris=present((RedirectUri(HOME, "web"),)))
    assert judged(Facts(application=listed), NEW, "web").answer == "known"
