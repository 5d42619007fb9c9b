"""What holds for every remedy in every tool, whether everything or nothing was read."""

import re

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.remedies.subject import WHERE
from diag.core.remedy import REGISTRY, Unavailable
from tests.core.remedies.given import CALLS, NOTHING_READ, every_commands, facts, render, texts

ARGUMENTS = {
    "change_client_code": ("do", "topic", "verify", "caution"),
    "by_hand": ("do", "who", "verify", "caution"),
    "add_redirect_uri": ("uri", "platform", "removed"),
    "move_redirect_uri": ("uri", "from_platform", "to_platform"),
    "add_saml_reply_url": ("uri",),
    "add_client_secret": (),
    "add_certificate": (),
    "remove_credential": ("key_id", "kind"),
    "add_federated_credential": ("issuer", "subject", "audience"),
    "add_required_permission": ("resource", "permission", "kind"),
    "grant_admin_consent": ("resource", "permission", "kind"),
    "create_service_principal": ("app_id",),
    "enable_service_principal": (),
    "assign_principal": ("principal",),
    "set_sign_in_audience": ("audience",),
    "allow_public_client_flows": (),
    "forbid_public_client_flows": (),
    "disable_implicit_grant": (),
    "set_access_token_version": ("version",),
    "restore_application": (),
    "add_identifier_uri": ("uri",),
    "add_known_client": ("client_id",),
    "expose_scope": ("value",),
    "remove_redirect_uris": ("uris",),
    "remove_credentials": ("secret_keys", "certificate_keys"),
    "remove_principal_secrets": (),
    "revoke_app_permissions": ("reach",),
    "lock_instance_properties": (),
    "add_owner": (),
}
READ = {"everything read": facts(), "nothing read": NOTHING_READ}
IN_TOOLS = [(name, args, seen) for name, args in CALLS for seen in READ]


def test_the_remedies_and_their_arguments_are_the_published_ones() -> None:
    assert {name: named.args.__struct_fields__ for name, named in REGISTRY.items()} == ARGUMENTS


def test_the_calls_of_these_tests_cover_every_remedy() -> None:
    assert {name for name, _ in CALLS} == set(REGISTRY)


def test_a_misspelt_argument_is_refused_by_every_remedy() -> None:
    for named in REGISTRY.values():
        required = dict.fromkeys(named.args.__struct_fields__, "")
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(required | {"misspelt": "x"}, named.args)


def test_every_remedy_says_what_it_does() -> None:
    assert [name for name, named in REGISTRY.items() if len(named.description.split()) < 6] == []


@pytest.mark.parametrize(("name", "args", "seen"), IN_TOOLS)
def test_effect_precondition_and_rollback(name: str, args: dict[str, str], seen: str) -> None:
    fix = render(name, READ[seen], args)
    assert fix.effect == REGISTRY[name].effect
    assert fix.do
    assert fix.who
    if fix.effect is None:
        assert fix.commands is None
        return
    assert fix.commands is not None
    assert fix.verify
    assert fix.caution or isinstance(fix.commands.az, Unavailable)
    assert fix.rollback is not None
    assert fix.rollback.do
    if fix.effect != "adds":
        assert fix.before
    if fix.effect in ("changes", "widens", "removes") and not isinstance(fix.commands.az, Unavailable):
        assert re.search(r"[Aa]pprove|consent", " ".join(fix.before) + fix.do)
        assert re.search(r"[Aa]ffected|fails|stop|get in|affects|consent", " ".join(fix.before))


@pytest.mark.parametrize(("name", "args", "seen"), IN_TOOLS)
def test_a_tool_shows_commands_or_why_it_has_none(name: str, args: dict[str, str], seen: str) -> None:
    for commands in every_commands(render(name, READ[seen], args)):
        for tool in ("az", "graph", "powershell", "bicep", "terraform"):
            shown = getattr(commands, tool)
            assert shown.unavailable if isinstance(shown, Unavailable) else shown
        assert commands.portal.startswith("Microsoft Entra admin center > Entra ID > ")


@pytest.mark.parametrize(("name", "args", "seen"), IN_TOOLS)
def test_every_placeholder_is_explained_and_every_unknown_value_is_one(
    name: str, args: dict[str, str], seen: str
) -> None:
    fix = render(name, READ[seen], args)
    said = fix.do
    for commands in every_commands(fix):
        if commands is not fix.commands and fix.rollback is not None:
            said += fix.rollback.do
        for text in texts(commands).values():
            for found in re.findall(r"<([a-z][a-z0-9-]*)>", text):
                assert found in WHERE
                assert f"<{found}>: {WHERE[found]}" in said


@pytest.mark.parametrize(("name", "args", "seen"), IN_TOOLS)
def test_graph_urls_are_absolute_and_name_the_object(name: str, args: dict[str, str], seen: str) -> None:
    for commands in every_commands(render(name, READ[seen], args)):
        if isinstance(commands.graph, Unavailable):
            continue
        for request in commands.graph:
            assert request.url.startswith("https://graph.microsoft.com/v1.0/")
            assert "''" not in request.url


@pytest.mark.parametrize(("name", "args"), CALLS)
def test_a_static_form_never_replaces_a_list_that_was_not_read(name: str, args: dict[str, str]) -> None:
    lists = r"redirectUris|redirect_uris|identifierUris|identifier_uris|requiredResourceAccess|required_resource_access"
    lists += r"|knownClientApplications|known_client_applications|oauth2PermissionScopes|\"scope\"|scope:|claim_values"
    for commands in every_commands(render(name, NOTHING_READ, args)):
        shown = texts(commands)
        for tool in ("graph", "bicep", "terraform"):
            assert not re.search(lists, shown.get(tool, ""))


@pytest.mark.parametrize(("name", "args", "seen"), IN_TOOLS)
def test_the_forbidden_is_in_no_command(name: str, args: dict[str, str], seen: str) -> None:
    for commands in every_commands(render(name, READ[seen], args)):
        for tool, text in texts(commands).items():
            assert not re.search(r"enableAccessTokenIssuance\W+(true|\$true)", text, re.IGNORECASE)
            assert not re.search(r"access_token_issuance_enabled\s*=\s*true|access-token-issuance true", text)
            assert "admin-consent" not in text
            assert "adminconsent" not in text
            assert "passwordCredentials" not in text
            assert "keyCredentials" not in text
            if tool != "portal":
                assert not re.search(r"https?://[^\s'\"]*\*", text)
            for line in text.splitlines():
                if "credential reset" in line:
                    assert line.rstrip().endswith(" --append")


@pytest.mark.parametrize(("name", "args"), CALLS)
def test_bicep_and_terraform_never_declare_a_whole_application(name: str, args: dict[str, str]) -> None:
    for commands in every_commands(render(name, facts(), args)):
        shown = texts(commands)
        assert "resource added 'Microsoft.Graph/applications@" not in shown.get("bicep", "")
        assert 'resource "azuread_application"' not in shown.get("terraform", "")


def test_a_claimed_application_id_is_quoted_as_a_claim_and_enters_no_command() -> None:
    claimed = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    given = facts_of_a_paste(claimed)
    for name, args in CALLS:
        fix = render(name, given, args)
        for commands in every_commands(fix):
            for tool, text in texts(commands).items():
                assert claimed not in text, (name, tool)
        if fix.commands is not None and "<application-id>" in str(fix.commands):
            assert claimed in fix.do


def facts_of_a_paste(app_id: str) -> Facts:
    from diag.core.sign_in import Failure
    from tests.core.remedies.given import claim

    return Facts(failure=Failure(app_id=claim(app_id)))
