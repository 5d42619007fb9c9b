"""How each flow is registered: in every tool, parsed by the tools' own grammars, and nothing unsafe in it."""

import re
from pathlib import Path

import msgspec
import pytest

from diag.core.flow_registration import credential_step, registration_steps
from diag.core.flows import CredentialOption, Flow
from diag.core.remedies.subject import WHERE
from diag.core.remedy import Commands, Fix, Unavailable
from tests.core.flow_table import table
from tests.core.remedies.given import every_commands, texts
from tests.core.remedies.recording_az import install, run
from tests.core.remedies.test_graph_bodies import Description, description, errors, filled  # noqa: F401  a fixture
from tests.core.remedies.test_real_parsers import az_parses, parsed

FLOWS = [pytest.param(flow, id=flow.id) for flow in table().flows]


def steps(flow: Flow) -> list[Fix]:
    credentials = [credential_step(option) for option in flow.credentials]
    return [*registration_steps(flow), *(step for step in credentials if step is not None)]


def shown(flow: Flow) -> list[Commands]:
    return [commands for step in steps(flow) for commands in every_commands(step)]


@pytest.mark.parametrize("flow", FLOWS)
def test_az_bicep_and_terraform_register_it_or_say_why_not(flow: Flow) -> None:
    first = registration_steps(flow)[0].commands
    assert first is not None
    for tool in ("az", "bicep", "terraform"):
        assert isinstance(getattr(first, tool), str), tool
    for commands in shown(flow):
        for tool in ("az", "graph", "powershell", "bicep", "terraform"):
            text = getattr(commands, tool)
            assert text.unavailable if isinstance(text, Unavailable) else text


@pytest.mark.parametrize("flow", FLOWS)
def test_powershell_bicep_and_terraform_parse(flow: Flow) -> None:
    for commands in shown(flow):
        assert parsed(commands)


@pytest.mark.parametrize("flow", FLOWS)
def test_every_placeholder_is_explained_where_it_is_used(flow: Flow) -> None:
    for step in steps(flow):
        for commands in every_commands(step):
            said = step.do if commands is step.commands else step.do + (step.rollback.do if step.rollback else "")
            for text in texts(commands).values():
                for name in re.findall(r"<([^<>\s]*)>", text):
                    assert name in WHERE, name
                    assert f"<{name}>: {WHERE[name]}" in said, name


@pytest.mark.parametrize("flow", FLOWS)
def test_graph_bodies_fit_their_types(description: Description, flow: Flow) -> None:  # noqa: F811
    for commands in shown(flow):
        if isinstance(commands.graph, Unavailable):
            continue
        for request in msgspec.to_builtins(commands.graph):
            if request.get("body") is not None:
                path = request["url"].removeprefix("https://graph.microsoft.com/v1.0/")
                assert errors(description, request["method"], path, filled(request["body"])) == []


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_unsafe_is_registered(flow: Flow) -> None:
    for commands in shown(flow):
        for text in texts(commands).values():
            assert not re.search(r"implicit|issuance", text, re.IGNORECASE)
            assert "az ad app create" not in text
            assert not re.search(r"https?://[^\s'\"]*\*", text)
        for line in (commands.az if isinstance(commands.az, str) else "").splitlines():
            if "credential reset" in line:
                assert line.rstrip().endswith(" --append")


def test_the_platform_and_the_public_client_switch_reach_every_tool() -> None:
    words = {
        "single-page-app": ('"spa":{"redirectUris"', "spa: {", "single_page_application {"),
        "web-app": ('"web":{"redirectUris"', "web: {", "  web {"),
        "desktop-app": ('"publicClient":{"redirectUris"', "publicClient: {", "  public_client {"),
        "input-limited": (
            '"isFallbackPublicClient":true',
            "isFallbackPublicClient: true",
            "fallback_public_client_enabled",
        ),
    }
    for name, (az, bicep, terraform) in words.items():
        flow = table().flow(name)
        assert flow is not None
        commands = registration_steps(flow)[0].commands
        assert commands is not None
        assert az in str(commands.az)
        assert bicep in str(commands.bicep)
        assert terraform in str(commands.terraform)


def test_the_platform_s_own_identity_needs_no_further_step() -> None:
    assert credential_step(CredentialOption(kind="managed_identity", why="It is the credential.")) is None


def test_the_real_az_parses_every_command(az_python: Path, tmp_path: Path) -> None:
    stand_ins = tmp_path / "bin"
    stand_ins.mkdir()
    install(stand_ins)
    (tmp_path / "<public-certificate-file>").write_text("-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
    calls = [
        call
        for flow in table().flows
        for commands in shown(flow)
        if isinstance(commands.az, str)
        for call in run(commands.az, stand_ins, tmp_path)
    ]
    assert len(calls) > 30
    assert az_parses(az_python, calls, tmp_path) == {}
