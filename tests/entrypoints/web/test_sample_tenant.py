"""The real service with the sample tenant: pages fill by themselves."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

_WITHIN = 30
"""Seconds until Overview shows the stories."""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of ``diag serve`` without any settings; it ends by Ctrl-C."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIAG_")}
    environment |= {"PORT": "0", "DIAG_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "diag", "serve"],
        env=environment,
        cwd=tmp_path_factory.mktemp("empty"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert process.stdout is not None
        told = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", told)
        assert address, told
        yield address.group()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def _wait_for_stories(origin: str) -> None:
    until = time.monotonic() + _WITHIN
    while time.monotonic() < until:
        answer = httpx.get(f"{origin}/incidents.json?state=open", timeout=10)
        items = answer.json()["value"] if answer.status_code == 200 else []
        if sum(1 for item in items if item["verdict"] == "determined") >= 5:
            return
        time.sleep(0.3)
    pytest.fail(f"Overview had no five explained incidents within {_WITHIN} s")


def test_overview_shows_explained_incidents_credentials_and_alerts_soon(origin: str, browser: Browser) -> None:
    _wait_for_stories(origin)
    page = browser.new_page()
    page.goto(origin)
    expect(page.get_by_text("Sample tenant.")).to_be_visible()
    attention = page.get_by_role("region", name="Needs attention")
    expect(attention.get_by_role("link", name="Payroll Sync")).to_be_visible()
    expect(page.get_by_role("region", name="Credentials ending next").get_by_role("listitem").first).to_be_visible()
    attention.locator(".incident-title:not(.incident-open) a").first.click()
    expect(page.locator(".verdict .badge").first).to_have_text("Cause found")
    expect(page.get_by_role("region", name="Evidence", exact=True)).to_be_visible()
    page.close()


def test_every_application_of_the_sample_tenant_has_a_page(origin: str) -> None:
    with httpx.Client(base_url=origin, timeout=30) as client:
        items = client.get("/applications.json").json()["value"]
        assert len(items) >= 40
        for item in items:
            answer = client.get(f"/applications/{item['app_id']}", params={"tenant_id": item["tenant_id"]})
            assert answer.status_code == 200, item
