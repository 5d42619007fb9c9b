"""Every command with its options. Nothing is imported here that a command needs only when it runs."""

import argparse
from typing import NoReturn


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and where help is."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n{' ' * len(self.prog)}  see `{self.prog} --help`\n")


def _count(text: str) -> int:
    """A whole number from 1 on."""
    if text.isascii() and text.isdigit() and int(text[:9]) > 0:
        return int(text[:9])
    raise argparse.ArgumentTypeError("give a whole number from 1 on")


def parser(version: str) -> argparse.ArgumentParser:
    """The parser of the whole command line; ``handler`` of the result names ``module:function`` of the command."""
    top = _Parser(
        prog="diag",
        description="Explains failed Entra ID sign-ins: root cause, confirmation and fix.",
        epilog="Exit codes: 0 answered or done, 1 something was found (checking commands), 2 bad usage or no code in "
        "the input, 3 a tenant could not be read.",
    )
    top.add_argument("--version", action="version", version=f"diag {version}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _answering(commands)
    _knowledge_base(commands)
    _service(commands)
    return top


def _answering(commands: "argparse._SubParsersAction[_Parser]") -> None:
    explain = _command(commands, "explain", "answers:explain", "say why a sign-in failed, from anything pasted")
    explain.add_argument(
        "text", nargs="*", metavar="TEXT", help="the error, or a code; `-` or nothing reads standard input"
    )
    explain.add_argument(
        "--registration",
        metavar="FILE",
        help="JSON of the registration, as `az ad app show` or a diagnose request has it",
    )
    explain.add_argument(
        "--secret-from-stdin",
        action="store_true",
        help="look at the configured client secret's shape only: it is read from standard input and not kept",
    )
    lookup = _command(commands, "lookup", "answers:lookup", "show what is known of a code, or find it")
    lookup.add_argument(
        "code",
        nargs="+",
        metavar="CODE",
        help="50011, AADSTS50011, a name, or words of the message; typos are forgiven",
    )
    diagnose = _command(commands, "diagnose", "answers:diagnose", "answer a diagnose request from a file")
    diagnose.add_argument("--file", required=True, metavar="REQUEST.json", help="the request; `-` reads standard input")
    for command in (explain, lookup, diagnose):
        command.add_argument("--all", dest="all_tools", action="store_true", help="commands for every tool, and code")
    said = "say which OAuth flow fits a program, and how to register it"
    flow = _command(commands, "flow", "flow_commands:flow", said)
    flow.add_argument("id", nargs="?", metavar="FLOW", help="show one flow by its id, for example web-app")
    flow.add_argument(
        "--answers",
        nargs="+",
        default=[],
        metavar="QUESTION=ANSWER",
        help="what is known of the program, for example runs=server user=yes; without any, the whole table",
    )
    flow.add_argument("--all", dest="all_tools", action="store_true", help="commands for every tool")
    said = "say what a token from standard input is and why it is refused, locally"
    token = _command(commands, "token", "token_commands:token", said)
    token.add_argument("--audience", default="", metavar="AUD", help="what the API accepts as audience")
    token.add_argument("--issuer", default="", metavar="ISS", help="what the API accepts as issuer")


def _knowledge_base(commands: "argparse._SubParsersAction[_Parser]") -> None:
    kb = commands.add_parser("kb", help="check, start and try entries of the knowledge base")
    kb.set_defaults(handler="kb_commands:run")
    kb.add_argument("--folder", metavar="DIR", help="the knowledge base; by default the one that comes with diag")
    actions = kb.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="check every file, case and house rule")
    check.add_argument("--overlay", metavar="DIR", help="check an organisation's overlay with it")
    new = actions.add_parser("new", help="write the skeleton of an entry")
    new.add_argument("code", type=int)
    new.add_argument("--family", required=True)
    unknown = actions.add_parser("unknown", help="list codes of collected failures that no entry knows")
    attempt = actions.add_parser("try", help="run the samples and cases of entries")
    attempt.add_argument("files", nargs="+", metavar="FILE")
    attempt.add_argument("--verbose", "-v", action="store_true", help="name the cases that come out as expected, too")
    message = actions.add_parser("message", help="print the line of kb/messages.txt for a message on standard input")
    message.add_argument("code", type=int)
    schema = actions.add_parser("schema", help="compare the generated pages in kb/schema with the code")
    schema.add_argument("--write", action="store_true", help="write them")
    for action in (check, new, unknown, attempt, message, schema):
        action.add_argument("--json", action="store_true", help="answer in JSON")


def _service(commands: "argparse._SubParsersAction[_Parser]") -> None:
    handler = "service_commands:{}".format
    collect = _command(commands, "collect", handler("collect"), "collect failed sign-ins once, of every tenant")
    sync = _command(commands, "sync", handler("sync"), "read the registrations once, of every tenant")
    for command in (collect, sync):
        command.add_argument("--tenant", default="", metavar="TENANT", help="only this one, by its GUID or name")
    given = _command(commands, "import", "import_commands:run", "import sign-ins and audit records from files")
    given.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="what Graph, the portal's download, diagnostic settings or Log Analytics wrote; `-` reads standard input",
    )
    given.add_argument("--tenant", default="", metavar="TENANT", help="the tenant they come from, by its GUID or name")
    given.add_argument("--again", action="store_true", help="read files again that were imported already")
    expiring = _command(commands, "expiring", handler("expiring"), "list credentials that are about to end")
    expiring.add_argument("--within", default="30d", metavar="TIME", help="for example 30d or 12h (default: 30d)")
    review = _command(
        commands, "review", "review_commands:run", "check registrations for what is wrong before anything fails"
    )
    review.add_argument("app", nargs="*", metavar="APP", help="application ID or name; all stored ones without it")
    review.add_argument("--tenant", default="", metavar="TENANT", help="only this one, by its GUID or name")
    review.add_argument(
        "--registration", metavar="FILE", help="check this instead: what `az ad app show` prints, or a diagnose request"
    )
    review.add_argument("--details", action="store_true", help="evidence and fixes of several applications, too")
    review.add_argument("--all", dest="all_tools", action="store_true", help="commands for every tool")
    alerts = _command(
        commands, "alerts", "alert_commands:alerts", "list what was told to whom; replay what was given up"
    )
    alerts.add_argument(
        "--state",
        choices=("pending", "sending", "delivered", "withdrawn", "dead"),
        help="only deliveries in this state; dead ones were given up",
    )
    alerts.add_argument("--most", type=_count, default=100, metavar="N", help="at most so many (default: 100)")
    alerts.add_argument("--replay", default="", metavar="ID", help="try a dead delivery again, or `all` of them")
    alerts.add_argument("--enable", default="", metavar="CHANNEL", help="let a disabled channel try again")
    doctor = _command(commands, "doctor", "doctor:doctor", "check permissions, licence, lag and versions")
    doctor.add_argument("--tenant", default="", metavar="TENANT", help="only this one, by its GUID or name")
    doctor.add_argument("--offline", action="store_true", help="look at what is stored only, and ask no tenant")
    _command(commands, "settings", handler("settings"), "show the settings in force, secrets masked")
    calendar = _command(
        commands, "calendar-token", "calendar_commands:calendar_token", "make an address of the calendar of ends"
    )
    calendar.add_argument("name", metavar="NAME", help="who gets it")
    _command(commands, "migrate", handler("migrate"), "bring the database to this version")
    backup = _command(commands, "backup", handler("backup"), "write a copy of the database while it is in use")
    backup.add_argument("file", metavar="FILE")
    _command(commands, "serve", handler("serve"), "run the service")
    commands.add_parser("sample-tenant", help="run the built-in sample tenant; see `diag sample-tenant --help`")


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, handler: str, summary: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary[:1].upper() + summary[1:] + ".")
    command.set_defaults(handler=handler)
    command.add_argument("--json", action="store_true", help="answer in JSON")
    return command
