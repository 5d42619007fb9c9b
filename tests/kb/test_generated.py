import json

import jsonschema

from diag.adapters.kb_files import loader, schema
from diag.adapters.kb_files.flows import FLOWS
from diag.adapters.kb_files.yaml_reader import read_file
from diag.core import predicate, remedy
from diag.resources import knowledge_base

FOLDER = knowledge_base()


def test_the_generated_pages_are_up_to_date() -> None:
    stale = [
        name
        for name, content in schema.generated().items()
        if (FOLDER / "schema" / name).read_text(encoding="utf-8") != content
    ]
    assert stale == [], "run: python -m diag kb schema --write"


def test_every_predicate_and_remedy_has_its_paragraph_in_the_pages() -> None:
    predicates, remedies = schema.predicates_page(), schema.remedies_page()
    assert [name for name in predicate.REGISTRY if f"### `{name}`" not in predicates] == []
    assert [name for name in remedy.REGISTRY if f"## `{name}`" not in remedies] == []
    assert [name for name, known in predicate.REGISTRY.items() if not known.description] == []
    assert [name for name, known in remedy.REGISTRY.items() if not known.description] == []


def test_every_file_of_entries_fits_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema.generated()["entry.schema.json"]))
    for path in [FOLDER / loader.FAMILIES, FOLDER / FLOWS, *loader.source_files(FOLDER)]:
        errors = [error.message for error in validator.iter_errors(read_file(path, path.name).value)]
        assert errors == [], path
