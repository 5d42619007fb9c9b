"""A whole company is a parameter: as many applications and sign-ins as asked for, at the price of what is read."""

import itertools
import json
import time
import tracemalloc

import pytest

from diag.sample_tenant.tenant import Options, Tenant
from tests.sample_tenant.conftest import KINDS, Start


def test_company_has_the_size_asked_for(start: Start) -> None:
    running = start("--applications", "300", "--sign-ins", "30000", "--no-throttle", "--story-speed", "0")
    assert len(running.rows("v1.0/applications", top="999")) == 300
    assert len(running.rows("v1.0/servicePrincipals", top="999")) > 600
    rows = [row for kind in KINDS for row in running.sign_ins(kind)]
    # Rounding, and the reader's own sign-in, which happens when it takes its token.
    assert abs(len(rows) - 30_000) <= 8
    assert len({row["id"] for row in rows}) == len(rows)


def test_filter_that_matches_little_gives_empty_pages_with_a_next_link(start: Start) -> None:
    running = start("--sign-ins", "100000", "--no-throttle", "--story-speed", "0")
    pages = list(running.pages("beta/auditLogs/signIns", filter="appId eq 'nobody'"))
    assert [len(page) for page in pages] == [0, 0]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_share_of_failures_is_a_parameter(start: Start, share: float) -> None:
    running = start(
        "--sign-ins", "40000", "--failures-share", str(share), "--no-throttle", "--story-speed", "0"
    )  # fmt: skip
    failed = sum(len(running.sign_ins(kind, "status/errorCode ne 0")) for kind in KINDS)
    # The stories fail some hundred times whatever the share.
    assert abs(failed - share * 36_000) < 2_500


def test_million_sign_ins_start_at_once_and_are_served_fast(start: Start) -> None:
    began = time.monotonic()
    running = start(
        "--applications", "10000", "--sign-ins", "1000000", "--no-throttle", "--story-speed", "0"
    )  # fmt: skip
    # 0.5 s on an idle machine; a busy one is given ten times that.
    assert time.monotonic() - began < 5
    link = "signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')"
    url: str | None = f"{running.url}/beta/auditLogs/signIns?$filter={link}"
    rows = 0
    began = time.monotonic()
    while url is not None and rows < 20_000:
        page = running.http.get(url).content
        head = json.loads(page[: page.index(b',"value":[')] + b"}")
        url = head.get("@odata.nextLink")
        rows += 1000
    spent = time.monotonic() - began
    # 25,000 rows a second on an idle machine.
    assert rows / spent > 4_000


def test_million_sign_ins_are_not_held_in_memory() -> None:
    tracemalloc.start()
    try:
        tenant = Tenant(Options(starts=1_790_000_000, applications=10_000, sign_ins=1_000_000, story_speed=0))
        every = tenant.log.keys(KINDS, False, 0, 1 << 40, None, False)
        for key in itertools.islice(every, 30_000):
            tenant.log.resolve(key)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A million rows of 3 KB would be 3 GB, and as Python dictionaries more.
    assert held < 60_000_000
