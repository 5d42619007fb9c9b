"""Starts sample tenants as the child processes that they are in use, and speaks to them as a client would."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-22T10:00:00Z"
KINDS = ("interactiveUser", "nonInteractiveUser", "servicePrincipal", "managedIdentity")


@dataclass
class Running:
    """A sample tenant and a client that holds its token."""

    process: "subprocess.Popen[bytes]"
    url: str
    tenant_id: str
    client_id: str
    client_secret: str
    http: httpx.Client

    def token(self, **changed: str | None) -> httpx.Response:
        """Ask for a token as the reader, with fields changed or (None) left out; `tenant` is in the address."""
        tenant = changed.pop("tenant", None) or self.tenant_id
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": "https://graph.microsoft.com/.default",
        } | changed
        form = {name: value for name, value in form.items() if value is not None}
        return httpx.post(f"{self.url}/{tenant}/oauth2/v2.0/token", data=form)

    def get(self, path: str, status: int = 200, headers: dict[str, str] | None = None, **options: str) -> Any:
        """Get a Graph path, a version included, or a whole link."""
        url = path if path.startswith("http") else f"{self.url}/{path}"
        params = {f"${name}": value for name, value in options.items()} or None
        answer = self.http.get(url, params=params, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def pages(self, path: str, **options: str) -> Iterator[list[dict[str, Any]]]:
        """Follow the nextLinks of a collection to its end."""
        page = self.get(path, **options)
        yield page["value"]
        while "@odata.nextLink" in page:
            page = self.get(page["@odata.nextLink"])
            yield page["value"]

    def rows(self, path: str, **options: str) -> list[dict[str, Any]]:
        """Give all rows of a collection."""
        return [row for page in self.pages(path, **options) for row in page]

    def sign_ins(self, kind: str, and_also: str = "", **options: str) -> list[dict[str, Any]]:
        """Give all sign-ins of a kind from beta."""
        chosen = f"signInEventTypes/any(t: t eq '{kind}'){and_also and ' and ' + and_also}"
        return self.rows("beta/auditLogs/signIns", filter=chosen, **options)

    def application(self, name: str) -> dict[str, Any]:
        """Give the application of a display name."""
        (found,) = self.rows("v1.0/applications", filter=f"displayName eq '{name}'")
        return found

    def principal(self, name: str) -> dict[str, Any]:
        """Give the service principal of a display name."""
        (found,) = self.rows("v1.0/servicePrincipals", filter=f"displayName eq '{name}'")
        return found


Start = Callable[..., Running]


def launch(*options: str) -> Running:
    """Start a sample tenant that ends with this process, and take a token from it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "diag.sample_tenant", "--until-stdin-closes", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    hello = json.loads(process.stdout.readline())
    running = Running(process, http=httpx.Client(timeout=30), **hello)
    running.http.headers["Authorization"] = f"Bearer {running.token().json()['access_token']}"
    return running


def stop(running: Running) -> int:
    """End a sample tenant and give its exit code."""
    running.http.close()
    if running.process.stdin is not None:
        running.process.stdin.close()
    code = running.process.wait(10)
    if running.process.stdout is not None:
        running.process.stdout.close()
    return code


@pytest.fixture
def start() -> Iterator[Start]:
    """Give a function that starts a sample tenant of one's own."""
    started: list[Running] = []

    def begin(*options: str) -> Running:
        started.append(launch(*options))
        return started[-1]

    yield begin
    for running in started:
        stop(running)


@pytest.fixture(scope="session")
def tenant() -> Iterator[Running]:
    """Give the story as it stands at its start, where nothing new happens and nobody is throttled."""
    running = launch("--now", NOW, "--story-speed", "0", "--no-throttle")
    yield running
    stop(running)
