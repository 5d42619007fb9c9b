"""What people do with alerts over the API."""

from typing import Any

import httpx
import pytest

from diag.bootstrap import Service
from diag.core.alerts import ChannelState
from tests.entrypoints.api.conftest import ORIGIN, client
from tests.entrypoints.api.seed import CONTOSO, NOW, ORDERS
from tests.entrypoints.api.test_channels import MAIL, ConfigFile
from tests.entrypoints.api.test_problems import told

OWN = {"origin": ORIGIN}


async def _alert(api: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await api.get(f"/api/v1/alerts?tenant_id={CONTOSO}")).json()["value"][0])


async def _quietings(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    return list((await api.get("/api/v1/quietings")).json()["value"])


async def test_an_alert_is_acknowledged_with_who_and_snoozed_until_an_instant(api: httpx.AsyncClient) -> None:
    alert = await _alert(api)
    path = f"/api/v1/alerts/{alert['id']}"
    done = await api.post(f"{path}/acknowledge", headers=OWN, json={"by": "ada", "note": "on it"})
    assert (done.status_code, done.json()["acknowledged_by"]) == (200, "ada")
    done = await api.post(f"{path}/snooze", headers=OWN, json={"until": "2099-01-01T00:00:00Z"})
    told(done, 422, "bad-input")
    done = await api.post(f"{path}/snooze", headers=OWN, json={"until": None, "scope": "application", "by": "ben"})
    assert done.status_code == 200
    kept = {(item["action"], item["topic"]): item for item in await _quietings(api)}
    assert set(kept) == {("acknowledge", alert["topic"]), ("snooze", f"{CONTOSO}|application|{ORDERS}")}
    assert kept[("acknowledge", alert["topic"])]["why"] == "on it"
    assert kept[("snooze", f"{CONTOSO}|application|{ORDERS}")]["until"] is None


async def test_a_snooze_without_a_body_lasts_a_week(api: httpx.AsyncClient) -> None:
    alert = await _alert(api)
    assert (await api.post(f"/api/v1/alerts/{alert['id']}/snooze", headers=OWN)).status_code == 200
    (kept,) = await _quietings(api)
    assert kept["until"] > "2026-11-2"


async def test_a_credential_and_an_application_are_snoozed_without_an_alert_and_taken_back(
    api: httpx.AsyncClient,
) -> None:
    asked = {"tenant_id": CONTOSO.upper(), "app_id": ORDERS, "why": "key Abc8Q~0123456789012345678901234567890 moved"}
    whole = await api.post("/api/v1/quietings", headers=OWN, json=asked)
    one = await api.post(
        "/api/v1/quietings", headers=OWN, json={**asked, "owner_object_id": "o", "key_id": "k", "action": "acknowledge"}
    )
    assert (whole.json()["topic"], one.json()["topic"]) == (f"{CONTOSO}|application|{ORDERS}", f"{CONTOSO}|o|k")
    assert (one.json()["until"], one.json()["action"]) == (None, "acknowledge")
    assert "Abc8Q~" not in whole.json()["why"]
    half = await api.post("/api/v1/quietings", headers=OWN, json={**asked, "key_id": "k"})
    told(half, 422, "bad-input")
    gone = await api.request(
        "DELETE", "/api/v1/quietings", headers=OWN, params={"tenant_id": CONTOSO, "topic": one.json()["topic"]}
    )
    assert [item["topic"] for item in gone.json()["value"]] == [f"{CONTOSO}|o|k"]
    again = await api.request(
        "DELETE", "/api/v1/quietings", headers=OWN, params={"tenant_id": CONTOSO, "topic": one.json()["topic"]}
    )
    told(again, 404, "not-found")
    assert len(await _quietings(api)) == 1


@pytest.mark.parametrize(
    "path", ["alerts/0/snooze", "alerts/0/acknowledge", "deliveries/0/replay", "channels/no/enable"]
)
async def test_what_is_not_there_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    told(await api.post(f"/api/v1/{path}", headers=OWN), 404, "not-found")


async def test_a_dead_delivery_is_listed_and_replayed_under_its_id(make_service: Any) -> None:
    service: Service = make_service(config=ConfigFile(channels=(MAIL,)))
    with service.database.write() as stores:
        letter = stores.alerts.claim("mail", "one", NOW, 60, 100)
        for delivery in letter:
            stores.alerts.finish(delivery, NOW, state="dead", answer="550 no")
    async with client(service) as api:
        dead = (await api.get("/api/v1/deliveries?state=dead")).json()["value"]
        assert {item["id"] for item in dead} == {delivery.id for delivery in letter}
        again = await api.post(f"/api/v1/deliveries/{letter[0].id}/replay", headers=OWN)
        assert (again.json()["state"], again.json()["message_id"]) == ("pending", letter[0].letter)
        told(await api.post(f"/api/v1/deliveries/{letter[0].id}/replay", headers=OWN), 404, "not-found")
        told(await api.get("/api/v1/deliveries?state=lost"), 422, "bad-input")


async def test_a_disabled_channel_says_so_and_is_enabled(make_service: Any) -> None:
    service: Service = make_service(config=ConfigFile(channels=(MAIL,)))
    with service.database.write() as stores:
        stores.channels.save(ChannelState(name="mail", disabled_at=NOW, disabled_because="gone", failures=1))
    async with client(service) as api:
        (shown,) = (await api.get("/api/v1/channels")).json()["value"]
        assert (shown["state"], shown["because"], shown["since"]) == ("disabled", "gone", "2026-11-22T10:00:00Z")
        again = await api.post("/api/v1/channels/mail/enable", headers=OWN)
        assert again.json()["state"] == "enabled"
        (shown,) = (await api.get("/api/v1/channels")).json()["value"]
        assert (shown["state"], "because" in shown) == ("enabled", False)
