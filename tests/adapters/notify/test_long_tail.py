"""Apprise in its child process: what it reaches, and what it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from diag.adapters.notify import long_tail
from diag.adapters.notify.channels import build
from diag.adapters.notify.long_tail_child import Task, Told
from diag.core.alerts import Message
from diag.core.channels import AppriseChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Notifier
from tests.adapters.notify.conftest import named, server_context
from tests.adapters.notify.receiver import http, receiver
from tests.workflows.fakes import FakeClock

TAKEN = http("200 OK", "content-type: application/json", body=b"{}")
SECRET = "AvErYsEcReT0123"


def _channel(url: str, *, sample: bool = False, private_network: bool = False) -> Notifier:
    channel = AppriseChannel(name="tail", url_env="TAIL_URL", private_network=private_network)
    return build(channel, {"TAIL_URL": url}, sample, FakeClock())


async def test_an_alert_arrives_inert_with_a_link(message: Message) -> None:
    hostile = named("<!channel> @everyone [x](https://fabrikam.example) `a|b` \u202e")
    async with receiver(TAKEN) as running:
        said = await _channel(f"gotify://127.0.0.1:{running.port}/{SECRET}").send(hostile)
    assert said == "accepted, as Apprise says"
    (headers, body), (given,) = running.taken[0], running.bodies()
    assert headers["host"] == f"127.0.0.1:{running.port}"
    assert SECRET not in body.decode()
    text = f"{given['title']} {given['message']}"
    assert not {*"@<>[]`|\u202e"} & {*text}
    assert "https://diag.contoso.example/applications/a?tenant_id=contoso.example" in text
    assert "Give its value to" in text


async def test_the_sample_tenants_alerts_reach_this_machine_only(message: Message) -> None:
    async with receiver(TAKEN) as running:
        await _channel(f"gotify://localhost:{running.port}/{SECRET}", sample=True).send(replace(message, sample=True))
    assert running.bodies()[0]["title"].startswith("［sample tenant］")
    with pytest.raises(NotifyError, match="never leave this machine"):
        await _channel(f"gotifys://192.0.2.1/{SECRET}", sample=True).send(message)


async def test_a_refusal_is_told_by_its_status_alone_and_tried_again(message: Message) -> None:
    async with receiver(http("401 No", body=b'{"error": "who?"}')) as running:
        with pytest.raises(NotifyError, match=r"did not take it \(HTTP 401\)") as refused:
            await _channel(f"gotify://127.0.0.1:{running.port}/{SECRET}").send(message)
    assert not refused.value.permanent
    assert SECRET not in f"{refused.value} {refused.value.hint}"


async def test_a_redirect_is_not_followed(message: Message) -> None:
    async with receiver(TAKEN) as target:
        to = f"location: http://127.0.0.1:{target.port}/"
        async with receiver(http("307 There", to)) as running:
            with pytest.raises(NotifyError, match="did not take it"):
                await _channel(f"gotify://127.0.0.1:{running.port}/{SECRET}").send(message)
    assert target.taken == []


async def test_a_certificate_must_be_trusted(message: Message, trusted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver(TAKEN, server_context(trusted, "good")) as running:
        await _channel(f"gotifys://localhost:{running.port}/{SECRET}").send(message)
        assert len(running.taken) == 1
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(NotifyError, match="did not take it"):
            await _channel(f"gotifys://localhost:{running.port}/{SECRET}").send(message)
    assert len(running.taken) == 1


@pytest.mark.parametrize(
    ("host", "private_network"),
    [
        ("169.254.169.254", True),
        ("168.63.129.16", True),
        ("10.1.2.3", False),
    ],
)
async def test_forbidden_addresses_are_refused_when_they_are_connected_to(
    message: Message, host: str, private_network: bool
) -> None:
    with pytest.raises(NotifyError) as refused:
        await _channel(f"gotifys://{host}/{SECRET}", private_network=private_network).send(message)
    assert "not public" in str(refused.value)
    assert not refused.value.permanent


def test_a_name_that_resolves_elsewhere_than_checked_gains_nothing() -> None:
    """The gate stands below the resolver: each of these is what a rebound name or a plugin would try."""
    attempts = {
        "import socket; socket.create_connection(('127.0.0.1', 9))": "not public",
        "import socket; socket.create_connection(('localhost', 9))": "not public",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/docker.sock')": "was resolved",
        "import socket; socket.socket().connect(('localhost', 80))": "was resolved",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('10.0.0.1', 53))": "only connect",
        "import socket; socket.socket().bind(('', 0))": "only connect",
        "import subprocess; subprocess.run(['true'])": "only connect",
        "import os; os.system('true')": "only connect",
        "open('/tmp/x', 'w')": "write no file",
    }
    task = Task(url="gotifys://h.example/t", title="", body="", sample=False, private_network=False, only_here=False)
    lines = [
        "import sys, msgspec",
        "from diag.adapters.notify.long_tail_child import _Gate, Task",
        "gate = _Gate(msgspec.json.decode(sys.argv[1], type=Task))",
        "sys.addaudithook(gate)",
    ]
    for attempt in attempts:
        lines += ["gate.refused = error = ''", "try:", f"    {attempt}", "except Exception as raised:"]
        lines += ["    error = type(raised).__name__", "print(error, gate.refused)"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), msgspec.json.encode(task).decode()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for said, (attempt, why) in zip(done.stdout.splitlines(), attempts.items(), strict=True):
        assert said.startswith("PermissionError "), attempt
        assert why in said, attempt


def test_without_tls_nothing_leaves_however_the_address_is_read() -> None:
    task = Task(
        url=f"gotify://192.0.2.1/{SECRET}", title="t", body="b", sample=False, private_network=True, only_here=True
    )
    done = subprocess.run(
        [sys.executable, "-m", "diag.adapters.notify.long_tail_child"],
        input=msgspec.json.encode(task),
        capture_output=True,
        check=True,
        timeout=60,
    )
    told = msgspec.json.decode(done.stdout, type=Told)
    assert not told.taken
    assert told.refused


@pytest.mark.parametrize(
    "url",
    [
        "", "gotify://gotify.contoso.example/x", "json://h.example/", "jsons://h.example/", "xmls://h.example/",
        "mailtos://u:p@h.example", "syslog://", "dbus://", "windows://", "file://h.example/x", "https://h.example/x",
        "apprises://h.example/t", "form://h.example", "workflows://x", "gotifys://h.example/x?verify=no",
        "gotifys://h.example/x?VERIFY=no", "gotifys://h.example/x?redirect=yes", "gotifys://h.example/x y",
        "gotifys://h.example/\n", "discord://[", "slack://a/b/c",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused_at_the_start_without_being_shown(url: str) -> None:
    with pytest.raises(NotifyError, match="channel tail") as refused:
        _channel(url)
    assert refused.value.permanent
    assert not url or url not in f"{refused.value} {refused.value.hint}"


def test_every_service_of_the_list_is_one_apprise_knows_and_the_fixed_ones_name_no_host() -> None:
    # In a process of its own: it loads all plugins, with whatever they import.
    program = "import apprise, json; print(json.dumps(apprise.Apprise().details()['schemas'], default=str))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    known: dict[str, bool] = {}
    for service in json.loads(done.stdout):
        for scheme in [*(service["secure_protocols"] or []), *(service["protocols"] or [])]:
            known[scheme] = scheme in (service["secure_protocols"] or [])
    assert set(known) >= long_tail.FIXED | long_tail.OWN_HOST | long_tail.PLAIN
    assert all(known[scheme] for scheme in long_tail.FIXED | long_tail.OWN_HOST), "one of them goes without TLS"


async def test_a_service_that_says_nothing_is_given_up(message: Message) -> None:
    async def silent(writer: object) -> None:
        return None

    channel = AppriseChannel(name="tail", url_env="TAIL_URL")
    async with receiver(b"") as running:
        url = f"gotify://127.0.0.1:{running.port}/{SECRET}"
        with pytest.raises(NotifyError, match="took more than"):
            await long_tail.LongTail(channel, url, sample=False, within=0.05).send(message)


def test_without_the_extra_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NotifyError, match="not installed") as refused:
        _channel(f"discord://{SECRET}/{SECRET}")
    assert "aadsts-diag[apprise]" in refused.value.hint
