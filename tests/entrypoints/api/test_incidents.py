"""One incident, and what people do with it."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from diag.bootstrap import Service
from tests.entrypoints.api.conftest import ORIGIN
from tests.entrypoints.api.seed import CONTOSO, ORDERS, failure
from tests.entrypoints.api.test_problems import told

OWN = {"origin": ORIGIN}


def _content(folder: Path) -> bytes:
    """All that the folder's files hold."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def an_incident(api: httpx.AsyncClient, code: int = 50011) -> dict[str, Any]:
    found = (await api.get(f"/api/v1/incidents?code={code}&app_id={ORDERS}")).json()["value"]
    return dict((await api.get(f"/api/v1/incidents/{found[0]['id']}")).json())


async def test_an_incident_carries_its_diagnosis_as_diagnose_answers_it(api: httpx.AsyncClient) -> None:
    incident = await an_incident(api)
    assert (incident["tenant_id"], incident["code"], incident["state"]) == (CONTOSO, 50011, "open")
    assert incident["count"] == 26
    assert incident["people"] == 5
    diagnosis = incident["diagnosis"]
    assert incident["verdict"] == diagnosis["verdict"]
    assert diagnosis["code"] == 50011
    assert diagnosis["extracted"]["app_id"] == ORDERS
    if diagnosis["cause"] is None:
        assert incident["cause"] is None
    else:
        assert incident["cause"]["id"] == diagnosis["cause"]["id"]


async def test_an_incident_that_nobody_diagnosed_says_nothing_of_a_cause(api: httpx.AsyncClient) -> None:
    incident = await an_incident(api, 65001)
    assert not {"verdict", "cause", "diagnosis", "diagnosed_at"} & set(incident)


@pytest.mark.parametrize(
    ("action", "body", "state"),
    [
        ("acknowledge", None, "acknowledged"),
        ("acknowledge", {}, "acknowledged"),
        ("acknowledge", {"note": "mine"}, "acknowledged"),
        ("resolve", {"note": "mended"}, "resolved"),
        ("reopen", None, "open"),
        ("snooze", None, "snoozed"),
        ("snooze", {"until": "2026-11-23T10:00:00+01:00", "note": "later"}, "snoozed"),
    ],
)
async def test_a_state_is_changed_and_stays(
    api: httpx.AsyncClient, action: str, body: dict[str, str] | None, state: str
) -> None:
    key = (await an_incident(api))["id"]
    response = await api.post(f"/api/v1/incidents/{key}/{action}", json=body, headers=OWN)
    assert response.status_code == 200, response.text
    now = (await api.get(f"/api/v1/incidents/{key}")).json()
    assert now == response.json()
    assert now["state"] == state
    assert now.get("note", "") == (body or {}).get("note", "")
    if action == "snooze":
        assert now["snoozed_until"] == ("2026-11-23T09:00:00Z" if body else "2026-11-29T10:00:00Z")
    else:
        assert "snoozed_until" not in now


async def test_a_comment_leaves_the_state_alone(api: httpx.AsyncClient) -> None:
    key = (await an_incident(api))["id"]
    await api.post(f"/api/v1/incidents/{key}/snooze", headers=OWN)
    body = (await api.post(f"/api/v1/incidents/{key}/comment", json={"note": "Wartet 🙂"}, headers=OWN)).json()
    assert (body["state"], body["snoozed_until"], body["note"]) == ("snoozed", "2026-11-29T10:00:00Z", "Wartet 🙂")


async def test_a_secret_pasted_into_a_note_reaches_no_disk(
    api: httpx.AsyncClient, service: Service, tmp_path: Path
) -> None:
    key = (await an_incident(api))["id"]
    secret = "Abc8Q~thisIsAnInventedSecretValue0123456789"
    note = {"note": f"new client_secret={secret} from Monday"}
    for action in ("comment", "acknowledge", "resolve"):
        body = (await api.post(f"/api/v1/incidents/{key}/{action}", json=note, headers=OWN)).json()
        assert body["note"].startswith("new client_secret=[removed")
        assert body["note"].endswith("from Monday")
    service.close()
    held = _content(tmp_path)
    assert b"from Monday" in held
    assert secret.encode() not in held


@pytest.mark.parametrize(
    ("action", "content"),
    [
        ("comment", b""),
        ("comment", b"{}"),
        ("comment", b'{"note": ""}'),
        ("comment", b'{"note": 5}'),
        ("comment", b'{"note": "x", "nots": "y"}'),
        ("acknowledge", b'{"until": "2026-11-23T10:00:00Z"}'),
        ("acknowledge", b"[]"),
        ("acknowledge", b"\xff\xfe"),
        ("acknowledge", b'{"note": "' + b"x" * 2001 + b'"}'),
        ("acknowledge", b"[" * 100_000),
        ("snooze", b'{"until": "2026-11-23T10:00:00"}'),
        ("snooze", b'{"until": "2026-11-22T10:00:00Z"}'),
        ("snooze", b'{"until": "2036-11-22T10:00:00Z"}'),
        ("snooze", b'{"until": "soon"}'),
    ],
)
async def test_what_is_not_understood_changes_nothing(api: httpx.AsyncClient, action: str, content: bytes) -> None:
    before = await an_incident(api)
    told(await api.post(f"/api/v1/incidents/{before['id']}/{action}", content=content, headers=OWN), 422, "bad-input")
    assert await an_incident(api) == before


async def test_an_unknown_incident_is_not_found_by_any_action(api: httpx.AsyncClient) -> None:
    for action in ("acknowledge", "snooze", "resolve", "reopen"):
        told(await api.post(f"/api/v1/incidents/none/{action}", headers=OWN), 404, "not-found")
    told(await api.post("/api/v1/incidents/none/comment", json={"note": "x"}, headers=OWN), 404, "not-found")


async def test_a_resolved_incident_comes_back_when_it_fails_again(api: httpx.AsyncClient, service: Service) -> None:
    key = (await an_incident(api))["id"]
    await api.post(f"/api/v1/incidents/{key}/resolve", headers=OWN)
    with service.database.write() as stores:
        stores.incidents.touch(CONTOSO, [failure(4000, created_at=service.clock.now())])
    now = (await api.get(f"/api/v1/incidents/{key}")).json()
    assert (now["state"], now["regressed"]) == ("open", True)
