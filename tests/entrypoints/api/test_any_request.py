"""No address, parameter or value whatever makes a read fail."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diag.bootstrap import build
from diag.core.tenants import Tenant
from diag.entrypoints.api.app import operations
from diag.entrypoints.api.openapi import document
from diag.settings import Settings
from tests.conftest import Campaign
from tests.entrypoints.api.conftest import client
from tests.entrypoints.api.seed import CONTOSO, ENDED_KEY, ORDERS, SHARED, SteppingClock, guid

_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
_LIKELY = st.sampled_from(
    [
        *(ORDERS, SHARED, CONTOSO, ENDED_KEY, guid(3), "50011", "AADSTS7000222", "2026-11-22T09:00:00Z"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "open", "secret", "ended", "true", "1", "500", "0"),
        *("%", "_", "'", "\n", "servicePrincipal"),
    ]
)


def _reads() -> Iterator[tuple[str, list[str], list[str]]]:
    """Address template, names in the path, names in the query of every operation that reads."""
    described: dict[str, Any] = document(operations())
    for path, methods in described["paths"].items():
        parameters = methods.get("get", {}).get("parameters", [])
        names = {place: [one["name"] for one in parameters if one["in"] == place] for place in ("path", "query")}
        if "get" in methods:
            yield path, names["path"], names["query"]


@st.composite
def _addresses(draw: st.DrawFn, reads: list[tuple[str, list[str], list[str]]]) -> str:
    path, inside, names = draw(st.sampled_from(reads))
    for name in inside:
        path = path.replace(f"{{{name}}}", quote(draw(_LIKELY | _TEXT.filter(bool)), safe=""))
    asked = draw(st.lists(st.sampled_from(names or ["x"]), unique=True, max_size=4))
    return f"{path}?{urlencode([(name, draw(_LIKELY | _TEXT)) for name in asked])}"


def test_no_read_whatever_makes_it_fail(filled: Path, campaign: Campaign) -> None:
    service = build(Settings(data_dir=filled, tenant_id=CONTOSO), clock=SteppingClock())
    service.tenants, service.starting = {CONTOSO: Tenant(tenant_id=CONTOSO)}, ""
    asking = client(service)
    loop = asyncio.new_event_loop()

    @settings(
        max_examples=campaign.rounds(4000),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(_addresses(list(_reads())))
    def never_fails(address: str) -> None:
        response = loop.run_until_complete(asking.get(address))
        assert response.status_code in (200, 400, 404, 409, 422), (response.status_code, address)
        if response.status_code != 200:
            assert response.headers["content-type"] == "application/problem+json"

    try:
        never_fails()
    finally:
        loop.run_until_complete(asking.aclose())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        service.close()
