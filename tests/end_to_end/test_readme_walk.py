"""The walk of the README that shows an alert arriving, with the README's own receiver and configuration."""

import asyncio
import json
import re
import socket
import sys
from pathlib import Path

from diag.adapters.notify.channels import build
from diag.config_file import read_config_file
from diag.core.channels import EmailChannel
from diag.core.errors import NotifyError
from diag.workflows.channel_test import message_of_test
from tests.workflows.fakes import NOW, FakeClock

README = Path(__file__).resolve().parents[2] / "README.md"


def _walk() -> str:
    return README.read_text(encoding="utf-8").partition("### See an alert arrive")[2]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


async def test_the_receiver_of_the_readme_prints_what_its_channel_sends(tmp_path: Path) -> None:
    walk, port = _walk(), _free_port()
    script = walk.partition("<<'END'\n")[2].partition("\nEND\n")[0].replace("9000", str(port))
    (configured,) = re.findall(r"printf '(channels: \[\{type: webhook.*)\\n' > channels.yaml", walk)
    (tmp_path / "channels.yaml").write_text(configured.replace("9000", str(port)), encoding="utf-8")
    problems: list[str] = []
    config = read_config_file(tmp_path / "channels.yaml", problems)
    assert problems == []
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        notifier = build(config.channels[0], {}, True, FakeClock())
        message = message_of_test("t", "here", NOW, "http://127.0.0.1:8000", "UTC", sample=True)
        for _ in range(100):
            try:
                said = await notifier.send(message)
                break
            except NotifyError:
                await asyncio.sleep(0.1)
        assert said == "HTTP 204"
        assert child.stdout is not None
        printed = b""
        while b"\n}\n" not in printed:
            printed += await asyncio.wait_for(child.stdout.readline(), 10)
        assert json.loads(printed)["type"] == "alert.test"
    finally:
        child.kill()
        await child.wait()


def test_the_mail_channel_of_the_readme_is_one_that_can_work(tmp_path: Path) -> None:
    (configured,) = re.findall(r"printf '(channels: \[\{type: email.*)\\n' > channels.yaml", _walk())
    (tmp_path / "channels.yaml").write_text(configured, encoding="utf-8")
    problems: list[str] = []
    config = read_config_file(tmp_path / "channels.yaml", problems)
    assert problems == []
    (channel,) = config.channels
    assert isinstance(channel, EmailChannel)
    build(channel, {}, True, FakeClock())
