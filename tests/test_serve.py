"""The whole process: what it refuses before it says that it runs, and how quietly it ends."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.entrypoints.api.test_channels import Receiver
from tests.entrypoints.web.seed import TENANT

ROOT = Path(__file__).resolve().parents[1]
_MAIL = "{type: email, name: mail, host: 127.0.0.1, sender: %s, recipients: [%s]}"
_HOOK = "{type: webhook, name: hook, url: '%s', secret_env: HOOK_SECRET}"


def _environment(folder: Path, **settings: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("DIAG_", "AZURE_"))}
    return {**plain, "PYTHONPATH": str(ROOT), "PORT": "0", "DIAG_DATA_DIR": str(folder), **settings}


@contextlib.contextmanager
def _serving(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running ``diag serve`` and its origin; killed at the end if it still runs."""
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "diag", "serve"],
            env=_environment(folder, **settings),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        try:
            assert address, (folder / "log").read_text(encoding="utf-8")
            yield process, address[0]
        finally:
            if process.poll() is None:
                process.kill()


def _wait(origin: str, path: str, ready: str) -> str:
    """The answer of the path once ``ready`` stands in it."""
    text = ""
    for _ in range(100):
        text = httpx.get(f"{origin}{path}", timeout=10).text
        if ready in text:
            return text
        time.sleep(0.2)
    pytest.fail(f"{ready} never came: {text[:500]}")


def _logged(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("channel", "named"),
    [
        (_MAIL % ("diag@example.com", ""), "channel mail: "),
        (_MAIL % ("nobody at all", "me@example.com"), "channel mail: "),
        (_HOOK % "ftp://hooks.example.com/diag", "channel hook: "),
        (_HOOK % "https://hooks.example.com/diag", "HOOK_SECRET"),
    ],
)
def test_a_channel_that_could_never_tell_anybody_is_refused_at_start(tmp_path: Path, channel: str, named: str) -> None:
    (tmp_path / "channels.yaml").write_text(f"channels: [{channel}]\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "diag", "serve"],
        env=_environment(tmp_path, DIAG_CONFIG="channels.yaml", HOOK_SECRET="whsec_not base64!"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "DIAG_CONFIG" in done.stderr
    assert named in done.stderr
    assert "not base64!" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_sample_tenant_ends_without_an_error_line_while_jobs_still_run(tmp_path: Path) -> None:
    with _serving(tmp_path) as (process, origin):
        assert "every 20 seconds" in _wait(origin, "/status", "every ")
        _wait(origin, "/readyz?verbose", "sign_ins:user")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    bad = [line for line in _logged(tmp_path) if line["level"] in ("error", "warning")]
    assert bad == []


def test_links_name_the_port_that_was_taken(tmp_path: Path) -> None:
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        (tmp_path / "channels.yaml").write_text(
            f"channels: [{{type: webhook, name: hook, url: '{receiver.url}'}}]\n", encoding="utf-8"
        )
        with _serving(tmp_path, DIAG_CONFIG="channels.yaml") as (process, origin):
            _wait(origin, "/readyz?verbose", '"checks"')
            answer = httpx.post(f"{origin}/api/v1/channels/hook/test", headers={"origin": origin}, timeout=30)
            assert answer.status_code == 200, answer.text
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        receiver.shutdown()
    tested = next(item for item in receiver.received if item["type"] == "alert.test")
    assert str(tested["data"]["link"]).startswith(f"{origin}/")  # type: ignore[index]


def test_a_tenant_that_was_never_read_is_ready_and_says_what_is_unread(tmp_path: Path) -> None:
    settings = {"DIAG_TENANT_ID": TENANT, "DIAG_STATIC_TOKEN": "invented", "DIAG_GRAPH_URL": "http://127.0.0.1:9"}
    with _serving(tmp_path, **settings) as (process, origin):
        body = json.loads(_wait(origin, "/readyz?verbose", "unread"))
        assert f"{TENANT}/changes" in body["unread"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
