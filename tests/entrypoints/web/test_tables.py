"""List pages as JSON and CSV of the same query."""

import base64
import csv
import io
import re
from html import unescape as html_unescape

import pytest
from fastapi import Request

from diag.core.errors import BadInput
from diag.entrypoints.web.http import cursor, keyset
from tests.entrypoints.web.conftest import Site

_LISTS = ("incidents", "applications", "credentials", "codes", "alerts", "unknown-codes")
_TENANTS = ("incidents", "applications", "credentials", "alerts")


@pytest.mark.parametrize("name", _LISTS)
def test_every_list_is_also_json_and_csv_with_the_same_columns(site: Site, name: str) -> None:
    records = site.get(f"/{name}.json").json()["value"]
    rows = list(csv.DictReader(io.StringIO(site.get(f"/{name}.csv").text)))
    assert records
    assert list(rows[0]) == list(records[0])
    assert len(rows) >= len(records)


@pytest.mark.parametrize("name", _TENANTS)
def test_no_cell_is_calculated_by_a_spreadsheet(site: Site, name: str) -> None:
    rows = list(csv.reader(io.StringIO(site.get(f"/{name}.csv").text)))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))]
    assert [cell for cell in cells if cell.startswith("'=HYPERLINK")]


@pytest.mark.parametrize("name", _TENANTS)
def test_every_item_names_its_tenant(site: Site, name: str) -> None:
    assert all(item["tenant_id"] for item in site.get(f"/{name}.json").json()["value"])


def test_json_pages_lead_to_the_end_without_repeating(site: Site) -> None:
    seen: list[str] = []
    address = f"{site.service.settings.origin}/incidents.json?kind=failures"
    for _ in range(20):
        answer = site.get(address.removeprefix(site.service.settings.origin)).json()
        seen += [item["id"] for item in answer["value"]]
        if "nextLink" not in answer:
            break
        address = answer["nextLink"]
        assert address.startswith("http://")
    assert len(seen) == len(set(seen)) > 50


def test_a_filter_counts_for_page_and_tables_alike(site: Site) -> None:
    records = site.get("/incidents.json?code=AADSTS50011&state=open").json()["value"]
    assert {record["code"] for record in records} == {50011}
    rows = list(csv.DictReader(io.StringIO(site.get("/incidents.csv?code=50011&state=open").text)))
    assert len(rows) == len(records)


def test_a_value_is_only_quiet_with_a_reason(site: Site) -> None:
    for record in site.get("/credentials.json").json()["value"]:
        assert record["quiet_because"] is None or record["quiet_because"].endswith(".")
        assert "secretText" not in record


def test_the_codes_come_page_by_page_with_every_filter_in_the_address(site: Site) -> None:
    first = site.get("/codes")
    assert len(first.content) < 120_000
    seen: list[str] = []
    address = f"{site.service.settings.origin}/codes.json?family=redirect-uri"
    while address:
        answer = site.get(address.removeprefix(site.service.settings.origin)).json()
        seen += [str(item["code"]) for item in answer["value"]]
        assert {item["family"] for item in answer["value"]} == {"redirect-uri"}
        address = answer.get("nextLink", "")
    whole = list(csv.DictReader(io.StringIO(site.get("/codes.csv?family=redirect-uri").text)))
    assert seen == [row["code"] for row in whole]
    some = site.get("/codes.json?query=redirct+uri&kind=failure&fixed_by=developer").json()["value"]
    assert some[0]["code"] == 50011
    assert {(item["kind"], item["fixed_by"]) for item in some} == {("failure", "developer")}


def test_the_next_codes_follow_and_a_lost_place_begins_anew(site: Site) -> None:
    html = site.get("/codes").text
    following = re.search(r'rel="next" href="([^"]+)"', html)
    assert following is not None
    second = site.get(html_unescape(following[1]))
    assert second.status_code == 200
    assert "Back to the first" in second.text
    assert set(re.findall(r'href="/codes/(\d+)"', html)).isdisjoint(re.findall(r'href="/codes/(\d+)"', second.text))
    elsewhere = site.get(f"/codes?family=account&after={following[1].rpartition('after=')[2]}")
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("path", ["incidents", "applications", "credentials", "codes", "alerts", "unknown-codes"])
@pytest.mark.parametrize(
    "key", ["", "x", "\n", "2026-11-22\nabc", "2026-11-22T10:00:00Z", "0001-01-01T00:00:00+14:00\na"]
)
def test_a_place_in_a_list_that_nobody_was_given_is_refused(site: Site, path: str, key: str) -> None:
    place = base64.urlsafe_b64encode(key.encode() or b"\xff").decode().rstrip("=")
    name = "before" if path in ("incidents", "alerts") else "after"
    for form in ("", ".json", ".csv"):
        assert site.get(f"/{path}{form}?{name}={place}").status_code == 400


def test_a_place_of_one_list_is_none_of_another_and_long_names_lead_on() -> None:
    def asked(path: str, query: str = "") -> Request:
        return Request({"type": "http", "path": path, "headers": [], "query_string": query.encode()})

    key = "\u4e2d" * 256 + "\napp\ntenant"
    place = cursor(asked("/applications"), key)
    assert keyset(asked("/applications.json", f"after={place}"), "after") == key
    with pytest.raises(BadInput):
        keyset(asked("/incidents", f"before={place}"))


def test_an_unknown_code_names_those_like_it(site: Site) -> None:
    page = site.get("/codes/5011")
    assert page.status_code == 404
    assert "50011 InvalidReplyTo" in page.text
