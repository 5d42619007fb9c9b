"""Every rendered command is read by a parser that others wrote: az's own, and the published grammars."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diag.core.facts import Facts
from diag.core.remedy import Commands
from tests.core.remedies import real_parsers
from tests.core.remedies.given import CALLS, HOSTILE, NOTHING_READ, every_commands, facts, render, texts
from tests.core.remedies.recording_az import every_call, install, run
from tests.core.remedies.test_hostile_values import federated, listed, moved

READ = {"everything read": facts(), "nothing read": NOTHING_READ}
PARSERS: dict[str, Callable[[str], Any]] = {
    "powershell": real_parsers.powershell,
    "bicep": real_parsers.bicep,
    "terraform": real_parsers.terraform,
}


def parsed(commands: Commands) -> dict[str, Any]:
    return {tool: parse(text) for tool, parse in PARSERS.items() if (text := texts(commands).get(tool))}


@pytest.mark.parametrize("seen", READ)
@pytest.mark.parametrize(("name", "args"), CALLS)
def test_powershell_bicep_and_terraform_parse(name: str, args: dict[str, str], seen: str) -> None:
    given: Facts = READ[seen]
    for commands in every_commands(render(name, given, args)):
        assert parsed(commands).keys() == texts(commands).keys() & PARSERS.keys()


def test_what_is_no_program_is_refused_by_each_parser() -> None:
    for parse in PARSERS.values():
        with pytest.raises(real_parsers.NotParsed):
            parse("if ( { 'a\n} ]")


@pytest.mark.parametrize("value", [part for part in HOSTILE if "*" not in part])
@pytest.mark.parametrize("way", [moved, federated, listed])
def test_a_hostile_value_leaves_the_parsed_shape_as_it_is(way: Any, value: str) -> None:
    for shown, expected in zip(way(value), way("harmless"), strict=True):
        assert parsed(shown) == parsed(expected)


def az_parses(az: Path, calls: list[list[str]], folder: Path) -> dict[str, str]:
    """Why the real az refuses each refused call, by the call."""
    program = Path(__file__).with_name("parse_with_az.py")
    quiet = {"AZURE_CONFIG_DIR": str(folder), "AZURE_CORE_COLLECT_TELEMETRY": "no"}
    said = subprocess.run(
        [az, program], input=json.dumps(calls), env=os.environ | quiet, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    refused: dict[str, str] = json.loads(said.stdout)
    return refused


def test_the_real_az_parses_every_az_command(az_python: Path, tmp_path: Path) -> None:
    calls = every_call(tmp_path)
    assert len(calls) > 100
    assert az_parses(az_python, calls, tmp_path) == {}


def test_the_real_az_parses_commands_that_hold_hostile_values(az_python: Path, tmp_path: Path) -> None:
    stand_ins = install(tmp_path)
    values = [part for part in HOSTILE if "*" not in part]
    calls = [
        call
        for way in (moved, federated)
        for value in values
        for shown in way(value)
        if isinstance(shown.az, str)
        for call in run(shown.az, stand_ins, tmp_path)
    ]
    assert len(calls) > len(values)
    assert az_parses(az_python, calls, tmp_path) == {}


def test_the_real_az_refuses_what_it_does_not_know(az_python: Path, tmp_path: Path) -> None:
    calls = [["ad", "app", "upgrade", "--id", "1"], ["ad", "app", "update", "--id", "1", "--redirect", "x"]]
    assert len(az_parses(az_python, calls, tmp_path)) == 2
