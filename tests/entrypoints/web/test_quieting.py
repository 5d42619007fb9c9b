"""Snoozing and acknowledging from pages, and from signed links in messages."""

import html
import re

import httpx
import pytest

from diag.core.action_links import Link, LinkAction, expiry, signed
from diag.core.alerts import Quieting, application_topic
from tests.entrypoints.web.conftest import Site
from tests.entrypoints.web.seed import TENANT


def _quietings(site: Site) -> list[Quieting]:
    with site.service.database.read() as stores:
        return list(stores.topics.quietings(TENANT, site.service.clock.now()))


def _fields(page: str) -> dict[str, str]:
    """The hidden fields of the last form on a page."""
    form = page.rpartition("<form")[2]
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    }


def _post(site: Site, path: str, data: dict[str, str], origin: str | None = None) -> httpx.Response:
    return httpx.post(f"{site.origin}{path}", data=data, headers={"Origin": origin or site.origin}, timeout=30)


def _token(site: Site, action: LinkAction = "snooze", age_days: int = 0, number: int = 0) -> str:
    now = site.service.clock.now()
    with site.service.database.read() as stores:
        alert = stores.alerts.find(TENANT, None, 50)[number]
    days = 0 if action == "acknowledge" else 7
    link = Link(
        alert_id=alert.id, action=action, days=days, reader="ada@contoso.example", expires=expiry(now, 14 - age_days)
    )
    return signed(link, site.service.link_key)


def test_a_credential_is_snoozed_for_good_on_its_page_listed_with_the_reason_and_taken_back(site: Site) -> None:
    listed = site.get("/credentials").text
    href = html.unescape(re.findall(r'href="(/quiet[?][^"]+)"', listed)[0])
    fields = _fields(site.get(href).text)
    given = {**fields, "action": "snooze", "days": "0", "by": "Ada", "why": "Replaced in the <b>June</b> migration"}
    assert _post(site, "/quiet", given).status_code == 303
    (kept,) = [item for item in _quietings(site) if item.topic == fields["topic"]]
    assert (kept.until, kept.by) == (None, "Ada")
    listed = site.get("/credentials").text
    assert "Snoozed for good by Ada: Replaced in the &lt;b&gt;June&lt;/b&gt; migration" in listed
    assert "<b>June" not in listed
    assert _post(site, "/quiet", {**fields, "action": "wake", "scope": "topic"}).status_code == 303
    assert not [item for item in _quietings(site) if item.topic == fields["topic"]]


def test_a_whole_application_is_snoozed_from_an_alert(site: Site) -> None:
    fields = _fields(site.get(f"/quiet?alert={site.alert_id()}").text)
    assert (
        _post(site, "/quiet", {**fields, "action": "snooze", "scope": "application", "days": "30"}).status_code == 303
    )
    topic = application_topic(TENANT, fields["app_id"])
    assert [item.action for item in _quietings(site) if item.topic == topic] == ["snooze"]
    _post(site, "/quiet", {**fields, "action": "wake", "scope": "application"})


@pytest.mark.parametrize(
    "changed",
    [
        {"topic": "another tenant|x|y"},
        {"topic": "t" * 999},
        {"action": "delete"},
        {"days": "-1"},
        {"days": "99999"},
        {"by": "x" * 999},
    ],
)
def test_a_damaged_form_is_refused(site: Site, changed: dict[str, str]) -> None:
    fields = {**_fields(site.get(f"/quiet?alert={site.alert_id()}").text), "action": "snooze", **changed}
    before = _quietings(site)
    assert _post(site, "/quiet", fields).status_code == 400
    assert _quietings(site) == before


def test_forms_of_other_sites_are_refused(site: Site) -> None:
    fields = {**_fields(site.get(f"/quiet?alert={site.alert_id()}").text), "action": "snooze"}
    before = _quietings(site)
    assert _post(site, "/quiet", fields, "https://fabrikam.example").status_code == 403
    assert _post(site, "/act", {"t": _token(site)}, "https://fabrikam.example").status_code == 403
    assert _quietings(site) == before


@pytest.mark.parametrize("action", ["snooze", "acknowledge"])
def test_opening_a_signed_link_does_nothing_and_pressing_its_button_acts_once(site: Site, action: LinkAction) -> None:
    token = _token(site, action, number=3 if action == "snooze" else 4)
    before = _quietings(site)
    for _ in range(3):
        opened = site.get(f"/act?t={token}")
        assert opened.status_code == 200
    assert httpx.head(f"{site.origin}/act?t={token}", timeout=30).status_code == 200
    assert _quietings(site) == before
    assert _post(site, "/act", _fields(opened.text)).status_code == 200
    assert len(_quietings(site)) == len(before) + 1
    (kept,) = [item for item in _quietings(site) if item not in before]
    assert (kept.action, kept.by, kept.until is None) == (action, "ada@contoso.example", action == "acknowledge")
    assert _post(site, "/act", {"t": token}).status_code == 409
    with site.service.database.read() as stores:
        (alert,) = [item for item in stores.alerts.find(TENANT, None, 50) if item.topic == kept.topic]
    assert alert.acknowledged_by == "ada@contoso.example"


@pytest.mark.parametrize("token", ["", "x", "a.b", "%00", "é", "x" * 3000])
def test_a_link_that_is_not_ours_does_nothing(site: Site, token: str) -> None:
    assert site.get(f"/act?t={token}").status_code == 410
    assert _post(site, "/act", {"t": token or "y"}).status_code == 410


def test_an_expired_link_does_nothing(site: Site) -> None:
    token = _token(site, age_days=14)
    assert site.get(f"/act?t={token}").status_code == 410
    assert _post(site, "/act", {"t": token}).status_code == 410


def test_nothing_is_asked_about_what_is_not_there(site: Site) -> None:
    for path in ("/quiet", "/quiet?alert=0", f"/quiet?tenant_id={TENANT}&owner=x&key_id=y&app_id=z"):
        assert site.get(path).status_code == 400


def test_a_delivery_that_was_given_up_is_tried_again_by_our_own_form_once(site: Site) -> None:
    path = re.findall(r'action="(/alerts/deliveries/[^"]+/replay)"', site.get("/alerts?delivery=dead").text)[0]
    assert _post(site, path, {}, "https://fabrikam.example").status_code == 403
    assert _post(site, path, {}).status_code == 303
    assert _post(site, path, {}).status_code == 404
    with site.service.database.write() as stores:
        (again,) = stores.alerts.deliveries(None, 1, delivery_id=path.split("/")[3])
        assert (again.state, again.attempts) == ("pending", 0)
        # As the other tests of the pages expect it.
        (letter,) = stores.alerts.claim(again.channel, "tests", site.service.clock.now(), 60, 1)
        stores.alerts.finish(letter, site.service.clock.now(), state="dead", answer=again.answer)
