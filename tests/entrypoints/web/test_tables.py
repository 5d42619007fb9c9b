"""List pages as JSON and CSV of the same query."""

import csv
import io

import pytest

from tests.entrypoints.web.conftest import Site

_LISTS = ("incidents", "applications", "credentials", "codes", "alerts")
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
