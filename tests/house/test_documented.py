"""Nothing a person can set, run or ask goes undocumented."""

import json

import msgspec

from diag.config_file import ConfigFile
from diag.settings import SETTINGS
from tests.house.readme_tables import README, with_tables

SCHEMA = README.parent / "docs" / "config.schema.json"


def test_readme_lists_every_setting_and_command_as_the_code_has_them() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_tables(text), "run: python -m tests.house.readme_tables"


def test_every_setting_says_what_it_is_for() -> None:
    assert all(len(setting.help) > 15 for setting in SETTINGS)


def test_schema_of_the_configuration_file_is_published_and_current() -> None:
    expected = json.loads(msgspec.json.encode(msgspec.json.schema(ConfigFile)))
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == expected, (
        "write msgspec.json.schema(ConfigFile) to docs/config.schema.json"
    )
