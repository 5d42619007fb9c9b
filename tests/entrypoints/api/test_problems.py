"""Every problem is an RFC 9457 document with a type that stays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from diag.bootstrap import Service
from diag.core.errors import KnowledgeBaseError, StoreError
from diag.entrypoints.api import problems
from diag.entrypoints.api.problems import TITLES
from tests.entrypoints.api.conftest import client
from tests.entrypoints.api.seed import CONTOSO, FABRIKAM, SHARED


def told(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The document, which is whole."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["title"] == TITLES[slug]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    ("path", "status", "slug", "says"),
    [
        ("/api/v1/nothing", 404, "not-found", "There is no such thing"),
        ("/api/v1/failures/", 404, "not-found", "There is no such thing"),
        ("/api/v1/diagnose", 405, "method-not-allowed", "method"),
        ("/api/v1/codes/1", 404, "not-found", "no entry"),
        ("/api/v1/codes/no-such-symptom", 404, "not-found", "no entry"),
        ("/api/v1/failures/none", 404, "not-found", "No failure"),
        ("/api/v1/failures/none/diagnosis", 404, "not-found", "No failure"),
        ("/api/v1/incidents/none", 404, "not-found", "no incident"),
        ("/api/v1/applications/none", 404, "not-found", "No application"),
        ("/api/v1/applications/none/history", 404, "not-found", "No application"),
        ("/problems/none", 404, "not-found", "no problem type"),
        ("/api/v1/failures?tenent_id=1", 422, "bad-input", "did you mean tenant_id?"),
        ("/api/v1/failures?$filter=1", 422, "bad-input", "$filter: unknown parameter"),
        ("/api/v1/livez?x=1", 404, "not-found", "no such thing"),
        ("/api/v1/failures?code=5001x", 422, "bad-input", "code: is no code"),
        ("/api/v1/failures?code=1&code=2", 422, "bad-input", "code: given twice"),
        ("/api/v1/failures?from=yesterday", 422, "bad-input", "from: is no instant"),
        ("/api/v1/failures?from=2026-11-22T10:00:00", 422, "bad-input", "from: is no instant"),
        ("/api/v1/failures?to=0001-01-01T00:00:00%2B14:00", 422, "bad-input", "to: is no instant"),
        ("/api/v1/failures?event_type=interactive", 422, "bad-input", "is not one of"),
        ("/api/v1/failures?maxpagesize=0", 422, "bad-input", "maxpagesize"),
        ("/api/v1/failures?maxpagesize=ten", 422, "bad-input", "maxpagesize"),
        ("/api/v1/failures?app_id=%00", 422, "bad-input", "character"),
        ("/api/v1/failures/%00", 422, "bad-input", "character"),
        ("/api/v1/incidents?state=closed", 422, "bad-input", "is not one of open"),
        ("/api/v1/incidents?interrupts=maybe", 422, "bad-input", "interrupts"),
        ("/api/v1/credentials?kind=key", 422, "bad-input", "is not one of"),
        ("/api/v1/applications?query=" + "x" * 300, 422, "bad-input", "query"),
        ("/api/v1/failures?cursor=x", 400, "bad-cursor", "damaged"),
        ("/api/v1/failures?cursor=%FF", 400, "bad-cursor", "damaged"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_told_why(
    api: httpx.AsyncClient, path: str, status: int, slug: str, says: str
) -> None:
    response = await api.get(path)
    assert says in told(response, status, slug)["detail"]
    if status == 405:
        assert response.headers["allow"] == "POST"


async def test_an_application_of_two_tenants_is_a_conflict_with_the_choices(api: httpx.AsyncClient) -> None:
    for path in (f"/api/v1/applications/{SHARED}", f"/api/v1/applications/{SHARED}/history"):
        body = told(await api.get(path), 409, "ambiguous-application")
        assert {choice["tenant_id"] for choice in body["choices"]} == {CONTOSO, FABRIKAM}
        for choice in body["choices"]:
            assert (await api.get(path, params={"tenant_id": choice["tenant_id"]})).status_code == 200


async def test_a_cursor_that_was_touched_or_belongs_elsewhere_is_refused(api: httpx.AsyncClient) -> None:
    link = (await api.get("/api/v1/failures?maxpagesize=2")).json()["nextLink"]
    cursor = httpx.URL(link).params["cursor"]
    assert (await api.get("/api/v1/failures", params={"cursor": cursor})).status_code == 200
    flipped = cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:]
    for damaged in (flipped, cursor[:-3], cursor + "AAAA", cursor[1:], ""):
        told(await api.get("/api/v1/failures", params={"cursor": damaged}), 400, "bad-cursor")
    told(await api.get("/api/v1/changes", params={"cursor": cursor}), 400, "bad-cursor")
    told(await api.get("/api/v1/failures", params={"cursor": cursor, "code": "50011"}), 400, "bad-cursor")


async def test_a_body_that_is_no_json_is_told_so(api: httpx.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    told(await api.post("/api/v1/diagnose", content=b"code=50011", headers=form), 415, "unsupported-media-type")
    told(
        await api.post("/api/v1/diagnose", content=b'{"code":1}', headers={"content-type": "text/plain"}),
        415,
        "unsupported-media-type",
    )
    for kind in ("application/json; charset=utf-8", "application/problem+json", "APPLICATION/JSON"):
        answered = await api.post("/api/v1/diagnose", content=b'{"code":50011}', headers={"content-type": kind})
        assert answered.status_code == 200


async def test_while_the_service_starts_the_api_asks_to_wait(service: Service) -> None:
    service.starting = "bringing the database up to date"
    async with client(service) as api:
        for path in ("/api/v1/codes", "/api/v1/failures", "/readyz"):
            response = await api.get(path)
            assert "bringing the database up to date" in told(response, 503, "starting")["detail"]
            assert int(response.headers["retry-after"]) > 0
        assert (await api.get("/livez")).json() == {"status": "ok"}
        assert "diag_ready 0.0" in (await api.get("/metrics")).text


def _damage(folder: Path) -> None:
    for file in folder.glob("diag.db*"):
        file.unlink()
    (folder / "diag.db").write_bytes(b"this is no database" * 100)


async def test_a_database_that_cannot_be_read_is_a_503_and_codes_still_answer(
    make_service: Callable[..., Service], tmp_path: Path
) -> None:
    service = make_service()
    service.close()
    _damage(tmp_path)
    async with client(service) as api:
        body = told(await api.get("/api/v1/failures"), 503, "store-unavailable")
        assert "not a SQLite database" in body["detail"]
        assert body["hint"]
        assert (await api.get("/api/v1/codes/50011")).status_code == 200
        told(await api.get("/readyz"), 503, "unready")
        assert "diag_database_up 0.0" in (await api.get("/metrics")).text


async def test_a_failed_start_is_told_with_its_hint(service: Service) -> None:
    service.problem = StoreError("The disk is full.", hint="Free some space.")
    async with client(service) as api:
        body = told(await api.get("/readyz"), 503, "unready")
        assert (body["detail"], body["hint"]) == ("The disk is full.", "Free some space.")
        status = (await api.get("/api/v1/status")).json()
        assert (status["problem"], status["hint"]) == ("The disk is full.", "Free some space.")


async def test_a_bug_shows_nothing_of_itself() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError("password=hunter2 /etc/secret")

    @app.get("/file")
    def file() -> None:
        raise KnowledgeBaseError("/srv/kb/codes/x.yaml", 3, "has no name")

    @app.get("/http/{status}")
    def refuse(status: int) -> None:
        raise HTTPException(status, "Said by a library.", {"Retry-After": "7"} if status == 429 else None)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
        response = await asking.get("/bug")
        told(response, 500, "internal-error")
        assert "hunter2" not in response.text
        assert "RuntimeError" not in response.text
        assert "/srv" not in json.dumps(told(await asking.get("/file"), 500, "service-error"))
        told(await asking.get("/http/401"), 401, "unauthorized")
        limited = await asking.get("/http/429")
        told(limited, 429, "too-many-requests")
        assert limited.headers["retry-after"] == "7"
        told(await asking.get("/http/418"), 418, "bad-request")
        told(await asking.get("/http/599"), 599, "service-error")


async def test_every_problem_type_leads_to_a_page(api: httpx.AsyncClient) -> None:
    for slug, title in TITLES.items():
        page = await api.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert title in page.text.replace("&#x27;", "'")
