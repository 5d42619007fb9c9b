"""One renderer a language: every value comes back as itself, or is refused with the reason."""

import json
import shlex
import subprocess
from urllib.parse import unquote

import pytest

from diag.core.remedies import quoting
from diag.core.remedies.quoting import Placeholder, UnsafeValue
from tests.core.remedies import parse_back
from tests.core.remedies.given import HOSTILE, REFUSED


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_one_word_of_the_shell(value: str) -> None:
    word = quoting.posix(value)
    printed = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, text=True, check=True).stdout
    assert printed == value
    assert shlex.split(word) == [value]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_history_expansion_is_left_outside_single_quotes(value: str) -> None:
    assert "!" not in quoting.posix(value) or quoting.posix(value).startswith("'")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_one_string_in_each_declarative_language_and_powershell(value: str) -> None:
    assert parse_back.powershell(quoting.powershell(value)) == ([value], parse_back.MARK)
    assert parse_back.hcl(quoting.hcl(value)) == ([value], parse_back.MARK)
    assert parse_back.bicep(quoting.bicep(value)) == ([value], parse_back.MARK)
    assert json.loads(quoting.json({"a": [value]})) == {"a": [value]}


@pytest.mark.parametrize("value", HOSTILE)
def test_a_jmespath_literal_holds_the_value_and_no_quote_that_could_end_it(value: str) -> None:
    literal = quoting.jmespath(value)
    assert literal[0] == literal[-1] == "`"
    assert "`" not in literal[1:-1]
    assert "'" not in literal
    assert json.loads(literal[1:-1]) == value


@pytest.mark.parametrize("value", HOSTILE)
def test_an_odata_string_has_its_quotes_doubled_and_everything_else_encoded(value: str) -> None:
    literal = quoting.odata(value)
    assert literal[0] == literal[-1] == "'"
    assert unquote(literal[1:-1]) == value.replace("'", "''")
    assert not set(literal[1:-1]) & set("'&?#/ ")


@pytest.mark.parametrize("value", REFUSED)
@pytest.mark.parametrize(
    "renderer",
    [
        quoting.posix,
        quoting.powershell,
        quoting.json,
        quoting.jmespath,
        quoting.odata,
        quoting.percent_encoded,
        quoting.hcl,
        quoting.bicep,
    ],
)
def test_line_breaks_controls_and_invisible_characters_are_refused_everywhere(renderer, value: str) -> None:
    with pytest.raises(UnsafeValue) as refused:
        renderer(value)
    assert "command" in refused.value.refused.why


def test_a_refusal_names_the_character_and_never_repeats_the_value() -> None:
    refused = quoting.refusal("pay\u202eload")
    assert refused is not None
    assert "U+202E" in refused.why
    assert "load" not in refused.why
    assert quoting.refusal("plain") is None


def test_a_key_of_a_json_object_is_checked_as_well() -> None:
    with pytest.raises(UnsafeValue):
        quoting.json({"a\nb": 1})


def test_an_az_value_that_begins_with_a_hyphen_is_joined_to_its_option() -> None:
    assert shlex.split(quoting.az(["ad", "app", "update"], {"--id": "-x y"})) == [
        "az",
        "ad",
        "app",
        "update",
        "--id=-x y",
    ]
    assert shlex.split(quoting.az(["ad"], {"--id": "x"})) == ["az", "ad", "--id", "x"]
    assert shlex.split(quoting.az(["ad"], {"--id": ""})) == ["az", "ad", "--id="]


def test_an_az_value_that_begins_with_an_at_sign_is_refused() -> None:
    with pytest.raises(UnsafeValue):
        quoting.az(["ad"], {"--id": "@/etc/passwd"})


def test_a_placeholder_stays_readable_in_urls() -> None:
    assert quoting.odata(Placeholder("<application-id>")) == "'<application-id>'"
    assert quoting.percent_encoded(Placeholder("<key-id>")) == "<key-id>"
    assert quoting.percent_encoded("<key-id>") == "%3Ckey-id%3E"


def test_a_sentence_shows_unsafe_characters_as_replacement_and_is_cut() -> None:
    assert quoting.plain("a\u202eb\nc") == "a\ufffdb\ufffdc"
    assert quoting.plain("x" * 400) == "x" * 300 + "…"


def test_lists_and_objects_are_declared_one_element_a_line() -> None:
    assert quoting.hcl(["a", True, 2]) == '[\n  "a",\n  true,\n  2,\n]'
    assert quoting.bicep({"web": {"uris": []}}) == "{\n  web: {\n    uris: []\n  }\n}"
    with pytest.raises(UnsafeValue):
        quoting.bicep({"not a name": 1})
