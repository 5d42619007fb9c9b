"""Values that attackers choose change nothing but a string, in every remedy and every tool."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.read import present
from diag.core.registration import (
    ApplicationPermission,
    Certificate,
    ClientSecret,
    DelegatedPermission,
    FederatedCredential,
    ServicePrincipal,
)
from diag.core.remedy import Commands, Unavailable
from tests.core.remedies import parse_back, recording_az
from tests.core.remedies.given import (
    APP,
    CALLS,
    CERTIFICATE,
    CLUSTER,
    GRAPH_API,
    GRAPH_OBJECT,
    HOME,
    HOSTILE,
    PRINCIPAL,
    REFUSED,
    SECRET,
    TENANT,
    USER_READ,
    USER_READ_ALL,
    application,
    every_commands,
    facts,
    redirects,
    render,
    texts,
)


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recording_az.install(tmp_path_factory.mktemp("bin"))


def run(script: str, recorder: Path, folder: Path) -> list[list[str]]:
    calls = recording_az.run(script, recorder, folder)
    assert not (folder / "canary").exists()
    return calls


def structure(commands: Commands) -> dict[str, Any]:
    """What each tool's text is apart from its strings."""
    shapes: dict[str, Any] = {}
    for tool, text in texts(commands).items():
        if tool == "powershell":
            shapes[tool] = parse_back.powershell(text)[1]
        elif tool == "terraform":
            shapes[tool] = parse_back.hcl(text)[1]
        elif tool == "bicep":
            shapes[tool] = parse_back.bicep(text)[1]
        elif tool == "graph":
            shapes[tool] = [(part["method"], shape_of(part.get("body"))) for part in json.loads(text)]
    return shapes


def shape_of(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: shape_of(part) for name, part in body.items()}
    return [shape_of(part) for part in body] if isinstance(body, list) else type(body).__name__


def strings(commands: Commands) -> dict[str, list[str]]:
    shown = texts(commands)
    found: dict[str, list[str]] = {}
    for tool, reader in (
        ("powershell", parse_back.powershell),
        ("terraform", parse_back.hcl),
        ("bicep", parse_back.bicep),
    ):
        if tool in shown:
            found[tool] = reader(shown[tool])[0]
    if "graph" in shown:
        found["graph"] = list(json_strings(json.loads(shown["graph"])))
    return found


def json_strings(part: Any) -> Any:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from json_strings(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from json_strings(inner)


def moved(value: str) -> tuple[Commands, ...]:
    """Moving an address that the directory itself holds, whatever it looks like."""
    given = facts(application=application(**redirects((HOME, value))))
    fix = render("move_redirect_uri", given, {"uri": value, "from_platform": "web", "to_platform": "spa"})
    return tuple(every_commands(fix))


def federated(value: str) -> tuple[Commands, ...]:
    """A subject of an issuer that the application trusts alone; the subject may be anything but a wildcard."""
    fix = render("add_federated_credential", facts(), {"issuer": CLUSTER, "subject": value})
    return tuple(every_commands(fix))


def listed(value: str) -> tuple[Commands, ...]:
    """Another address that is listed already is carried along by the static forms."""
    given = facts(application=application(**redirects((HOME, value))))
    return tuple(every_commands(render("add_redirect_uri", given, {"uri": HOME + "2", "platform": "web"})))


def removed(value: str) -> tuple[Commands, ...]:
    """Taking off an address that the directory holds, whatever it looks like."""
    given = facts(application=application(**redirects((HOME, value))))
    return tuple(every_commands(render("remove_redirect_uris", given, {"uris": value})))


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_address_is_taken_off_as_one_string(value: str) -> None:
    for shown, expected in zip(removed(value), removed("harmless"), strict=True):
        assert structure(shown) == structure(expected)


@pytest.mark.parametrize("value", REFUSED)
def test_an_address_that_no_language_takes_closes_the_tool_with_the_reason(value: str) -> None:
    for commands in removed(value):
        assert isinstance(commands.az, Unavailable)
        assert isinstance(commands.powershell, Unavailable)


@pytest.mark.parametrize("value", ["$(touch canary)", "'; Remove-MgApplication -ApplicationId 1 #", APP])
def test_what_the_directory_does_not_hold_enters_no_removal(value: str) -> None:
    assert not removed_of("remove_redirect_uris", {"uris": value}, value)
    assert not removed_of("remove_credentials", {"secret_keys": value, "certificate_keys": value}, value)


def removed_of(name: str, args: dict[str, str], value: str) -> list[str]:
    """The tools in whose commands the value stands."""
    given = facts(
        application=application(app_id=present(TENANT)),
        service_principal=ServicePrincipal(exists=present(True), app_id=present(TENANT)),
    )
    return [
        tool
        for commands in every_commands(render(name, given, args))
        for tool, text in texts(commands).items()
        if value in text
    ]


@pytest.mark.parametrize("value", [part for part in HOSTILE if "*" not in part])
@pytest.mark.parametrize("way", [moved, federated, listed])
def test_a_hostile_value_is_one_string_and_changes_no_structure(way: Any, value: str) -> None:
    hostile, harmless = way(value), way("harmless")
    assert len(hostile) == len(harmless)
    for shown, expected in zip(hostile, harmless, strict=True):
        assert structure(shown) == structure(expected)
        if way is not federated:
            for tool, found in strings(shown).items():
                assert value in found or tool == "powershell", tool


@pytest.mark.parametrize("value", [part for part in HOSTILE if "*" not in part])
@pytest.mark.parametrize("way", [moved, federated])
def test_az_receives_a_hostile_value_inside_one_argument(way: Any, value: str, recorder: Path, tmp_path: Path) -> None:
    for shown, expected in zip(way(value), way("harmless"), strict=True):
        assert isinstance(shown.az, str)
        assert isinstance(expected.az, str)
        calls = run(shown.az, recorder, tmp_path)
        plain = run(expected.az, recorder, tmp_path)
        assert [len(call) for call in calls] == [len(call) for call in plain]
        assert [call[:3] for call in calls] == [call[:3] for call in plain]
        for call in calls:
            for word in call:
                if word.startswith("{"):
                    carried = re.findall(r"`(\[[^`]*\])`", word)
                    for literal in carried:
                        assert json.loads(literal) in ([], [value])
                    if not carried and way is federated:
                        assert json.loads(word)["subject"] == value


@pytest.mark.parametrize("value", REFUSED)
@pytest.mark.parametrize("way", [moved, listed])
def test_a_refused_value_closes_the_tools_it_would_enter_and_says_why(way: Any, value: str) -> None:
    for shown in way(value):
        assert isinstance(shown.graph, Unavailable)
        assert isinstance(shown.bicep, Unavailable)
        assert isinstance(shown.terraform, Unavailable)
        assert "no command is shown" in shown.graph.unavailable
        assert all(value not in text for text in texts(shown).values())
        if way is moved:
            assert isinstance(shown.az, Unavailable)
            assert isinstance(shown.powershell, Unavailable)


@pytest.mark.parametrize("value", REFUSED)
def test_a_refused_subject_is_asked_about_and_stays_a_placeholder(value: str) -> None:
    fix = render("add_federated_credential", facts(), {"issuer": CLUSTER, "subject": value})
    assert "<subject>" in str(fix.commands)
    assert value not in str(fix.commands)
    assert not re.search("[\x00-\x08\x1b\u202e\u2066\u200b]", fix.do)


@pytest.mark.parametrize(("name", "args"), CALLS)
def test_names_from_the_directory_enter_sentences_alone(name: str, args: dict[str, str]) -> None:
    """Display names, publishers and names of credentials are chosen by whoever owns the application."""
    expected = render(name, named("Harmless"), args)
    for value in (*HOSTILE, *REFUSED):
        shown = render(name, named(value), args)
        for given, plain in zip(every_commands(shown), every_commands(expected), strict=True):
            for tool in ("az", "graph", "powershell", "bicep", "terraform"):
                assert getattr(given, tool) == getattr(plain, tool), (tool, value)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u202e\u2066\u200b\ufeff]", str_of(shown)), value


def str_of(fix: Any) -> str:
    return "\n".join(part for part in (fix.do, fix.caution, *fix.before, fix.commands.portal if fix.commands else ""))


def named(value: str) -> Facts:
    return facts(
        application=application(
            display_name=present(value),
            verified_publisher=present(value),
            client_secrets=present((ClientSecret(KeyId(SECRET), None, None, display_name=value),)),
            certificates=present((Certificate(KeyId(CERTIFICATE), None, None, display_name=value),)),
            federated_credentials=present((FederatedCredential("1", value, CLUSTER, "system:serviceaccount:a:b"),)),
        ),
        service_principal=ServicePrincipal(
            exists=present(True),
            app_id=present(APP),
            object_id=present(PRINCIPAL),
            display_name=present(value),
            owner_tenant_id=present(TENANT),
            app_roles=present(()),
        ),
    )


CHOICES = ("kind", "platform", "from_platform", "to_platform")
WITH_COMMANDS = [call for call in CALLS if call[0] not in ("change_client_code", "by_hand")]


@pytest.mark.parametrize(("name", "args"), WITH_COMMANDS)
def test_a_hostile_argument_changes_no_structure(name: str, args: dict[str, str]) -> None:
    kept = {key: part for key, part in args.items() if key in CHOICES}
    for value in (*HOSTILE, *REFUSED):
        hostile = every_commands(render(name, facts(), dict.fromkeys(args, value) | kept))
        plain = every_commands(render(name, facts(), dict.fromkeys(args, "harmless") | kept))
        for given, expected in zip(hostile, plain, strict=False):
            shapes, wanted = structure(given), structure(expected)
            for tool in shapes.keys() & wanted.keys():
                assert shapes[tool] == wanted[tool], (tool, value)
            # None of these values is known to be the application's own, so none is in a command.
            assert "canary" not in str(texts(given).get("az", ""))


@pytest.mark.parametrize("value", [part for part in HOSTILE if not re.search(r'[\s"\\]', part)])
def test_a_permission_named_by_a_hostile_api_is_one_scope(value: str, recorder: Path, tmp_path: Path) -> None:
    api = ServicePrincipal(
        exists=present(True),
        app_id=present(GRAPH_API),
        object_id=present(GRAPH_OBJECT),
        scopes=present((DelegatedPermission(USER_READ, value),)),
        app_roles=present((ApplicationPermission(USER_READ_ALL, value),)),
    )
    fix = render("grant_admin_consent", facts(resource=api), {"resource": GRAPH_API, "permission": value})
    assert fix.commands is not None
    assert isinstance(fix.commands.az, str)
    calls = run(fix.commands.az, recorder, tmp_path)
    bodies = [json.loads(word) for call in calls for word in call if word.startswith("{")]
    assert bodies == [{"scope": f"openid {value}"}]
    assert isinstance(fix.commands.powershell, str)
    assert value in parse_back.powershell(fix.commands.powershell)[0]


@pytest.mark.parametrize("value", ["User.Read Directory.ReadWrite.All", 'x","consentType":"y', "a\\"])
def test_a_permission_whose_name_would_be_several_is_not_granted(value: str) -> None:
    api = ServicePrincipal(
        exists=present(True), app_id=present(GRAPH_API), scopes=present((DelegatedPermission(USER_READ, value),))
    )
    fix = render("grant_admin_consent", facts(resource=api), {"resource": GRAPH_API, "permission": value})
    assert fix.commands is not None
    assert isinstance(fix.commands.az, Unavailable)


def test_the_readers_of_these_tests_find_a_value_that_escapes() -> None:
    with pytest.raises(parse_back.NotReadable):
        parse_back.hcl('x = "${file("/etc/passwd")}"')
    with pytest.raises(parse_back.NotReadable):
        parse_back.bicep("x: '${y}'")
    with pytest.raises(parse_back.NotReadable):
        parse_back.powershell("$x = 'it's'")
    assert parse_back.powershell("'a'; Remove-X")[1] != parse_back.powershell("'a; Remove-X'")[1]
