"""``openapi.json`` says what the API does: committed, whole, and true of its own examples."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_schema_validator import OAS31Validator

from diag.entrypoints.api.app import operations
from diag.entrypoints.api.openapi import document, encoded
from diag.entrypoints.api.write_openapi import main
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(operations())


def every_operation(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_the_committed_description_is_the_present_one(described: dict[str, Any], tmp_path: Path) -> None:
    committed = (ROOT / "openapi.json").read_bytes()
    assert committed == encoded(described), "run: python -m diag.entrypoints.api.write_openapi"
    main([str(tmp_path / "written.json")])
    assert (tmp_path / "written.json").read_bytes() == committed


async def test_the_service_serves_the_same_description(api: httpx.AsyncClient) -> None:
    assert (await api.get("/openapi.json")).content == (ROOT / "openapi.json").read_bytes()


def test_every_schema_is_valid_and_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    for schema in described["components"]["schemas"].values():
        OAS31Validator.check_schema(schema)
        jsonschema.Draft202012Validator.check_schema(schema)

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    found = set(references(described))
    assert len(found) > 20
    for reference in found:
        place: Any = described
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_operation_has_a_name_of_its_own_a_description_and_a_default_problem(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in every_operation(described)]
    assert len(names) == len(set(names))
    for method, path, operation in every_operation(described):
        assert operation["description"], (method, path)
        assert operation["tags"], (method, path)
        assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)
        required = {name for name in path.split("/") if name.startswith("{")}
        declared = {f"{{{one['name']}}}" for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert required == declared


def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    components = {"components": described["components"]}
    for method, path, operation in every_operation(described):
        bodies = [answer for answer in operation["responses"].values() if "content" in answer]
        contents = [("answer", one) for one in bodies] + [
            ("request", operation[n]) for n in operation if n == "requestBody"
        ]
        examples = 0
        for kind, one in contents:
            for media_type in one["content"].values():
                if "example" in media_type:
                    examples += 1
                    validator = jsonschema.Draft202012Validator({**media_type["schema"], **components})
                    assert list(validator.iter_errors(media_type["example"])) == [], (method, path, kind)
        assert examples >= 1, (method, path)


async def test_what_the_lists_answer_fits_the_description(api: httpx.AsyncClient, described: dict[str, Any]) -> None:
    components = {"components": described["components"]}
    asked = 0
    for method, path, operation in every_operation(described):
        if method != "get" or "{" in path or not path.startswith("/api/v1/"):
            continue
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        body = (await api.get(path)).json()
        jsonschema.Draft202012Validator({**schema, **components}).validate(body)
        asked += 1
    assert asked >= 13


def test_the_request_of_diagnose_is_described_as_it_is_read(described: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/DiagnoseRequest", "components": described["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    for good in (
        {"code": "AADSTS50011"},
        {"text": None, "code": 1},
        {"registration": {"domain": None}},
        {"sign_in": {"x": 1}},
    ):
        validator.validate(good)
    for bad in (
        {"cod": 1},
        {"request": {"flow": "magic"}},
        {"request": {"x": 1}},
        {"token": "eyJ"},
        {"registration": {"app": {}}},
    ):
        assert list(validator.iter_errors(bad))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        assert "style" not in given
        self.addresses += [str(given[name]) for name in ("href", "src") if name in given]


async def test_the_page_lists_every_operation_and_loads_nothing_from_elsewhere(
    api: httpx.AsyncClient, described: dict[str, Any]
) -> None:
    page = (await api.get("/docs")).text
    seen = _Seen()
    seen.feed(page)
    assert not {"script", "style"} & seen.tags
    assert all(address.startswith("/") for address in seen.addresses)
    for address in seen.addresses:
        assert (await api.get(address)).status_code == 200
    for _, path, operation in every_operation(described):
        assert f'id="{operation["operationId"]}"' in page
        assert path in page


def test_the_committed_file_names_no_machine_and_ends_with_a_line(described: dict[str, Any]) -> None:
    text = (ROOT / "openapi.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert json.loads(text)["info"]["title"] == "aadsts-diag"
    assert str(ROOT) not in text
