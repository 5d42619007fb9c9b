"""``diag``: parse the arguments, import what the command needs, turn errors into one sentence and an exit code."""

import argparse
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence

from diag import __version__
from diag.core.errors import BadInput, DiagError, SourceError
from diag.entrypoints.cli import arguments
from diag.entrypoints.cli.console import Console

ANSWERED, FOUND, BAD_USAGE, UNREADABLE_TENANT = 0, 1, 2, 3
"""Exit codes: done; findings (of the checking commands only); bad usage or input; a tenant could not be read."""

_INTERRUPTED = 130

Handler = Callable[[argparse.Namespace, Console], int]


def run(
    argv: Sequence[str] | None = None,
    console: Console | None = None,
    handlers: Mapping[str, Handler] | None = None,
) -> int:
    """Run one command and return its exit code; ``handlers`` brings commands that compose a whole process."""
    console = console or Console()
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["sample-tenant"]:
        # A building of its own, with options of its own.
        from diag.sample_tenant.__main__ import main

        return main(list(argv[1:]))
    parser = arguments.parser(__version__)
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:
        return BAD_USAGE if stop.code not in (0, None) else ANSWERED
    if options.command is None:
        parser.print_help(sys.stderr)
        return BAD_USAGE
    module, _, function = options.handler.partition(":")
    try:
        handler: Handler = (handlers or {}).get(options.command) or getattr(
            importlib.import_module(f"diag.entrypoints.cli.{module}"), function
        )
        code = handler(options, console)
        sys.stdout.flush()
    except BadInput as error:
        console.complain(str(error), error.hint)
        return BAD_USAGE
    except SourceError as error:
        console.complain(str(error), error.hint)
        return UNREADABLE_TENANT
    except DiagError as error:
        console.complain(str(error), error.hint)
        return BAD_USAGE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing is left to say, and the interpreter must not try again at exit.
        sys.stdout = None
        return ANSWERED
    return code
