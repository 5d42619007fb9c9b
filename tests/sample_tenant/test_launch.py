"""The sample tenant starts quickly, says where it is, and ends with its parent."""

import json
import select
import signal
import subprocess
import sys

import httpx
import pytest

from tests.sample_tenant.conftest import NOW, ROOT, Start


def test_first_line_says_everything_a_client_needs(start: Start) -> None:
    running = start("--now", NOW)
    assert running.url.startswith("http://127.0.0.1:")
    assert running.get("v1.0/organization")["value"][0]["id"] == running.tenant_id
    assert running.client_secret[3:6] == "8Q~"


def test_nothing_follows_the_first_line_and_sigterm_ends_it_well(start: Start) -> None:
    running = start("--now", NOW)
    running.get("v1.0/organization")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(5) == 0
    assert running.process.stdout is not None
    assert running.process.stdout.read() == b""


def test_it_ends_when_its_standard_input_does(start: Start) -> None:
    running = start("--now", NOW)
    assert running.process.stdin is not None
    running.process.stdin.close()
    assert running.process.wait(5) == 0


def test_it_ends_with_a_parent_that_was_killed() -> None:
    # The parent starts the tenant, passes its first line on, and is then killed without a chance to clean up.
    parent_source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'diag.sample_tenant', '--until-stdin-closes'],\n"
        "                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(child.stdout.readline().decode(), flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", parent_source]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        url = json.loads(parent.stdout.readline())["url"]
        assert httpx.get(f"{url}/common/v2.0/.well-known/openid-configuration").status_code == 200
        parent.kill()
        # Both hold the write end of standard error, so its end means that both are gone.
        readable, _, _ = select.select([parent.stderr], [], [], 5)
        assert readable, "the sample tenant outlived its parent"
        assert parent.stderr.read() == b""
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_it_listens_on_loopback_alone(host: str) -> None:
    command = [sys.executable, "-m", "diag.sample_tenant", "--host", host]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "not a loopback address" in told.stderr
