"""Snippets for clients: each topic has some, and what can be read by a parser is."""

import ast
import json
import re
import textwrap
from typing import get_args

import msgspec
import pytest
import yaml

from diag.core.remedies.client_code import SNIPPETS, Topic
from diag.core.remedies.subject import WHERE
from diag.core.remedy import REGISTRY
from tests.core.remedies import parse_back
from tests.core.remedies.given import NOTHING_READ, render

ALL = [(topic, library, code) for topic, by_library in SNIPPETS.items() for library, code in by_library.items()]
REAL_HOSTS = {"login.microsoftonline.com", "graph.microsoft.com", "sts.windows.net", "localhost"}
IDS = [f"{topic}: {library}" for topic, library, _ in ALL]


def test_every_topic_has_snippets_for_several_libraries() -> None:
    assert set(get_args(Topic)) == set(SNIPPETS)
    assert {topic for topic, by_library in SNIPPETS.items() if topic and len(by_library) < 3} == set()


def test_a_misspelt_topic_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"do": "x", "topic": "forwarded-header"}, REGISTRY["change_client_code"].args)


def test_the_snippets_of_the_topic_come_with_the_fix_and_their_placeholders_are_explained() -> None:
    fix = render("change_client_code", NOTHING_READ, {"do": "Send the secret.", "topic": "send-secret"})
    assert fix.snippets == SNIPPETS["send-secret"]
    assert fix.do.startswith("Send the secret. Replace what stands in angle brackets.")
    assert f"<tenant-id>: {WHERE['tenant-id']}" in fix.do
    assert render("change_client_code", NOTHING_READ, {"do": "x"}).snippets == {}


@pytest.mark.parametrize(("topic", "library", "code"), ALL, ids=IDS)
def test_a_snippet_is_short_and_holds_no_secret_and_no_password_flow(topic: str, library: str, code: str) -> None:
    assert 0 < len(code.splitlines()) <= 16
    assert code.endswith("\n")
    assert "grant_type=password" not in code
    assert "UsernamePassword" not in code
    assert "ByUsernamePassword" not in code
    assert "verify=False" not in code


@pytest.mark.parametrize(
    ("topic", "library", "code"), [part for part in ALL if "Python" in part[1] or part[1] in ("Flask", "Django")]
)
def test_python_snippets_parse(topic: str, library: str, code: str) -> None:
    ast.parse(textwrap.dedent(code))


@pytest.mark.parametrize(("topic", "library", "code"), [part for part in ALL if part[2].lstrip().startswith("{\n")])
def test_json_snippets_parse(topic: str, library: str, code: str) -> None:
    assert json.loads(code)["AzureAd"]


@pytest.mark.parametrize(("topic", "library", "code"), [part for part in ALL if part[1] == "GitHub Actions"])
def test_workflow_snippets_parse(topic: str, library: str, code: str) -> None:
    assert yaml.safe_load(code)


@pytest.mark.parametrize(("topic", "library", "code"), [part for part in ALL if part[1] == "Terraform"])
def test_terraform_snippets_parse(topic: str, library: str, code: str) -> None:
    parse_back.hcl(code)


@pytest.mark.parametrize(("topic", "library", "code"), ALL, ids=IDS)
def test_a_name_that_only_the_reader_knows_is_a_placeholder_and_no_invented_one(
    topic: str, library: str, code: str
) -> None:
    assert not re.search(r"contoso|fabrikam|\borders\b|\bexample\.", code, re.IGNORECASE)
    assert [host for host in re.findall(r"https?://([\w.-]+)", code) if host not in REAL_HOSTS] == []
    assert [name for name in re.findall(r"<([a-z][a-z-]{2,40})>", code) if name not in WHERE] == []


@pytest.mark.parametrize(("topic", "library", "code"), ALL, ids=IDS)
def test_brackets_in_a_snippet_are_balanced(topic: str, library: str, code: str) -> None:
    for opening, closing in ("()", "[]", "{}"):
        assert code.count(opening) == code.count(closing), (opening, library)
