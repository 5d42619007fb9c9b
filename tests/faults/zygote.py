"""Starts ``diag`` as often as it is told to, without its imports each time: a process that has them and forks.

Reads one JSON object a line (``argv``, ``env``, ``folder``) and writes ``{"pid": …}`` for each, then
``{"ended": pid, "code": …}`` when it is over. What runs is the command line as installed, in a process of its own.
"""

import json
import os
import select
import sys
from typing import Any

from diag.adapters.db import database, migrate
from diag.adapters.graph import connect, throttle
from diag.adapters.graph.credentials import StaticToken, Tokens
from diag.adapters.graph.sdk import Sdk
from diag.adapters.graph.wire import stored
from diag.adapters.kb_files import store
from diag.entrypoints.api import app, logs
from diag.entrypoints.cli import service_commands
from diag.entrypoints.web import pages
from diag.main import cli

WARM = (app, connect, database, logs, migrate, pages, service_commands, store, stored)


def _hurry() -> None:
    """Let requests leave as fast as they can: a life of seconds then has many points at which it can end.

    That the pace is kept otherwise is what the courses in virtual time watch.
    """
    throttle.Budgets._LIMITS = dict.fromkeys(throttle.Budgets._LIMITS, (1_000_000, 1.0))


def _walk() -> None:
    """Let the SDK import the builders that the product walks to."""
    sdk = Sdk("http://127.0.0.1:1", "v1.0", Tokens(StaticToken(""), None), None)  # type: ignore[arg-type]
    for path in (
        lambda root: root.audit_logs.sign_ins,
        lambda root: root.audit_logs.directory_audits,
        lambda root: root.applications.delta,
        lambda root: root.service_principals.delta,
        lambda root: root.applications.by_application_id("x").owners,
        lambda root: root.applications.by_application_id("x").federated_identity_credentials,
        lambda root: root.service_principals.by_service_principal_id("x").oauth2_permission_grants,
    ):
        sdk.builder(path)


def _born(order: dict[str, Any]) -> None:
    """In the child: become the command."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["folder"])
    said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(here, there)
    sys.argv = ["diag", *order["argv"]]
    code = 1
    try:
        code = cli()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    _walk()
    _hurry()
    alive = 0
    while True:
        ready, _, _ = select.select([0], [], [], 0.01 if alive else None)
        if ready:
            line = sys.stdin.readline()
            if not line:
                return
            if (pid := os.fork()) == 0:
                _born(json.loads(line))
            alive += 1
            _say(pid=pid)
        while alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            alive -= 1
            _say(ended=pid, code=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
