"""The tables of the README that are made from the code: ``python -m tests.house.readme_tables`` writes them anew."""

import argparse
from pathlib import Path

from diag import __version__
from diag.entrypoints.cli.arguments import parser
from diag.settings import SETTINGS, Settings

README = Path(__file__).resolve().parents[2] / "README.md"


def settings_table() -> str:
    """One row a setting, in the order of ``diag.settings``."""
    defaults = Settings()
    rows = ["| setting | default | what it is for |", "|---|---|---|"]
    for setting in SETTINGS:
        default = getattr(defaults, setting.field)
        shown = "" if setting.name == "DIAG_CONFIG" or default in ("", None, (), False) else f"`{default}`"
        rows.append(f"| `{setting.name}` | {shown} | {setting.help} |")
    return "\n".join(rows)


def commands_table() -> str:
    """One row a command, in the order of the command line."""
    top = parser(__version__)
    group = next(action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    rows = ["| command | what it does |", "|---|---|"]
    rows += [f"| `diag {choice.dest}` | {choice.help} |" for choice in group._choices_actions]
    return "\n".join(rows)


TABLES = {"settings": settings_table, "commands": commands_table}


def with_tables(text: str) -> str:
    """The README's text with every table as the code has it now."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}\n{table()}\n{end}{after}"
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
