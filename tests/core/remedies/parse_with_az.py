"""Parses az commands with the real az CLI's own command table, without running them.

Run with the Python of the environment that holds azure-cli. Standard input: a JSON list of argument lists, without the
leading ``az``. Standard output: a JSON object, the refused call (as JSON) → why; empty when all of them parse.
"""

import contextlib
import io
import json
import sys


def refused_because(cli: object, call: list[str]) -> str | None:
    said = io.StringIO()
    invocation = cli.invocation_cls(  # type: ignore[attr-defined]
        cli_ctx=cli,
        parser_cls=cli.parser_cls,  # type: ignore[attr-defined]
        commands_loader_cls=cli.commands_loader_cls,  # type: ignore[attr-defined]
        help_cls=cli.help_cls,  # type: ignore[attr-defined]
    )
    cli.invocation = invocation  # type: ignore[attr-defined]
    invocation.data["command_string"] = " ".join(call)
    loader = invocation.commands_loader
    loader.load_command_table(call)
    prefixes = (" ".join(call[:length]) for length in range(len(call), 0, -1))
    name = next((prefix for prefix in prefixes if prefix in loader.command_table), None)
    if name is None:
        return "no such command"
    loader.command_name = name
    loader.command_table = {name: loader.command_table[name]}
    loader.load_arguments(name)
    invocation.parser.load_command_table(loader)
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            invocation.parser.parse_args(call)
    except SystemExit:
        return (said.getvalue().strip().splitlines() or ["refused"])[-1]
    return None


def main() -> None:
    from azure.cli.core import get_default_cli

    cli = get_default_cli()
    refused = {}
    for call in json.load(sys.stdin):
        why = refused_because(cli, call)
        if why is not None:
            refused[json.dumps(call)] = why
    json.dump(refused, sys.stdout)


if __name__ == "__main__":
    main()
