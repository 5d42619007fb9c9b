"""Health, metrics and logs: what a machine and a person on duty look at."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from diag.bootstrap import Service
from diag.entrypoints.api.logs import FIELDS, JsonLine, configure_logging
from diag.render.views.status import EXPECTED
from diag.settings import Settings
from diag.workflows.ports import Progress
from tests.entrypoints.api.conftest import client, started
from tests.entrypoints.api.seed import CONTOSO, ORDERS, guid


async def test_it_is_ready_but_degraded_while_a_source_cannot_be_read(api: httpx.AsyncClient) -> None:
    unread = [f"{CONTOSO}/sign_ins:service", f"{CONTOSO}/service_principals"]
    assert (await api.get("/readyz")).json() == {"status": "degraded", "unread": unread}
    for query in ("?verbose", "?verbose=", "?verbose=1"):
        body = (await api.get(f"/readyz{query}")).json()
        assert body["checks"]["database"] == "ok"
        assert body["checks"][f"{CONTOSO}/sign_ins:service"] == "permission_lost"
        assert body["checks"][f"{CONTOSO}/service_principals"] == "new"
        assert body["coverage"] == {CONTOSO: "degraded"}
        said = {reason["subject"]: reason["code"] for reason in body["reasons"]}
        assert said["sign_ins:service"] == "permission_lost"


async def test_it_is_ready_before_anything_was_read_and_names_what_was_not(tmp_path: Path) -> None:
    service = started(Settings(data_dir=tmp_path, tenant_id=CONTOSO))
    async with client(service) as api:
        response = await api.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {"status": "ok", "unread": [f"{CONTOSO}/{source}" for source in EXPECTED]}
        with service.database.write() as stores:
            for source in EXPECTED:
                stores.progress.save(Progress(tenant_id=CONTOSO, source=source, state="ok", newest=service.clock.now()))
        assert (await api.get("/readyz")).json() == {"status": "ok"}
    service.close()


async def test_figures_parse_and_are_named_alike(api: httpx.AsyncClient) -> None:
    await api.get(f"/api/v1/applications/{ORDERS}")
    await api.get(f"/api/v1/applications/{guid(5)}")
    await api.get("/no/such/place/1")
    await api.request("BREW", "/livez", headers={"origin": "http://127.0.0.1:8000"})
    response = await api.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    assert all(name.startswith("diag_") for name in families)
    assert families["diag_ready"].samples[0].value == 1
    healthy = {sample.labels["source"]: sample.value for sample in families["diag_source_healthy"].samples}
    assert healthy == {"applications": 1, "changes": 1, "sign_ins:user": 1, "sign_ins:service": 0}
    lag = {sample.labels["source"]: sample.value for sample in families["diag_source_lag_seconds"].samples}
    assert lag["sign_ins:user"] == 120
    verdicts = {sample.labels["verdict"]: sample.value for sample in families["diag_tenant_coverage"].samples}
    assert verdicts == {"good": 0, "degraded": 1, "blind": 0}
    sources = families["diag_source_coverage"].samples
    assert {s.labels["source"] for s in sources if s.labels["verdict"] == "blind" and s.value} == {"sign_ins:service"}
    assert families["diag_permission_held"].samples == []
    recent = {sample.labels["outcome"]: sample.value for sample in families["diag_sign_ins_24h"].samples}
    assert recent == {"failure": 42, "interrupt": 1}
    answered = [sample.labels for sample in families["diag_http_requests"].samples if sample.name.endswith("_total")]
    routes = {labels["route"] for labels in answered}
    assert {"/api/v1/applications/{app_id}", "unmatched"} <= routes
    assert not any(ORDERS in route or "/no/" in route for route in routes)
    assert {labels["method"] for labels in answered} <= {"GET", "POST", "other"}


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """Every line logged so far, decoded."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


async def test_a_request_is_one_line_without_its_query_its_text_or_its_identifiers(
    api: httpx.AsyncClient, lines: Callable[[], list[dict[str, object]]]
) -> None:
    await api.get(f"/api/v1/applications/{ORDERS}?at=2026-11-15T00:00:00Z")
    pasted = "AADSTS50011 for amara.okafor@contoso.example, secret Zq8~very.secret.value.0123456789abcdef"
    answered = await api.post("/api/v1/diagnose", json={"text": pasted})
    logged = [line for line in lines() if line["logger"] == "diag.access"]
    assert [(line["method"], line["route"], line["status"]) for line in logged] == [
        ("GET", "/api/v1/applications/{app_id}", 200),
        ("POST", "/api/v1/diagnose", 200),
    ]
    assert logged[1]["request_id"] == answered.headers["x-request-id"]
    # The test's own client speaks up, too.
    everything = json.dumps([line for line in lines() if line["logger"] != "httpx"])
    for private in (ORDERS, "amara", "Zq8", "2026-11-15T00", "AADSTS50011"):
        assert private not in everything


async def test_a_bug_logs_its_place_and_not_what_it_was_given(
    make_service: Callable[..., Service], lines: Callable[[], list[dict[str, object]]]
) -> None:
    service = make_service()
    try:
        raise ValueError("amara@contoso.example gave hunter2")
    except ValueError:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=sys.exc_info())
    async with client(service) as api:
        assert (await api.get("/livez")).status_code == 200
    line = next(line for line in lines() if line["logger"] == "uvicorn.error")
    assert line["error"] == "ValueError"
    assert "hunter2" not in json.dumps(line)
    assert str(line["stack"][0]).startswith("tests.")  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "stays", "goes"),
    [
        ("asked https://graph.example/v1.0/users?$filter=upn&token=abc today", "today", "filter"),
        ("refused for amara.okafor@contoso.example", "refused", "okafor"),
        ("from 203.0.113.10 at 10:00:00", "10:00:00", "203.0"),
        ("from 2001:db8::77 on [::1]", "::1", "db8"),
        ("Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl", "", "eyJ"),
        ("line\nbreak \u202e", "", "\n"),
    ],
)
def test_a_line_keeps_no_person_no_address_and_no_secret(text: str, stays: str, goes: str) -> None:
    line = JsonLine().format(logging.LogRecord("x", logging.INFO, "", 0, text, None, None))
    assert goes not in line
    assert stays in line
    assert line.isascii()


def test_a_line_carries_only_fields_on_the_list() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "said", None, None)
    record.user_principal_name = "amara@contoso.example"
    record.address = "http://127.0.0.1:8000"
    record.problem = "refused for amara@contoso.example"
    line = json.loads(JsonLine().format(record))
    assert set(line) <= {"time", "level", "logger", "message", *FIELDS}
    assert line["address"] == "http://127.0.0.1:8000"
    assert "amara" not in json.dumps(line)


def test_every_logger_of_the_process_writes_such_lines(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    try:
        configure_logging("info")
        logging.getLogger("uvicorn.error").warning("said by the server")
        logging.getLogger("httpx").info("GET https://graph.example/?q")
        written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        for handler in list(root.handlers):
            root.removeHandler(handler)
        for handler in kept:
            root.addHandler(handler)
        root.setLevel(level)
    assert [line["message"] for line in written] == ["said by the server"]
