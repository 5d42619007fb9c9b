"""Pages of an instance that watches several tenants: every list can be asked for one of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.bootstrap import build
from diag.core.tenants import Tenant
from diag.settings import Settings
from tests.entrypoints.web.conftest import Site, serving
from tests.entrypoints.web.hostile import PAYLOADS
from tests.entrypoints.web.seed import TENANT, FixedClock, guid, seed

SECOND = guid(77, 7)
LISTS = ("/", "/incidents", "/applications", "/credentials", "/alerts", "/status")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two tenants, one of them with a hostile name, the other never read."""
    service = build(Settings(data_dir=tmp_path_factory.mktemp("two")), clock=FixedClock())
    service.tenants = {
        TENANT: Tenant(tenant_id=TENANT, name="Contoso <script>alert(1)</script>"),
        SECOND: Tenant(tenant_id=SECOND, name="Fabrikam"),
    }
    service.starting = ""
    seed(service, PAYLOADS[:3])
    with serving(service) as origin:
        yield Site(origin, service)
    service.close()


def _tabs(html: str) -> dict[str, str]:
    nav = re.search(r'<nav class="tabs tenants".*?</nav>', html, re.DOTALL)
    assert nav, html[:2000]
    return {
        re.sub("<[^>]+>", "", label).strip(): href
        for href, label in re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', nav[0])
    }


@pytest.mark.parametrize("path", LISTS)
def test_every_list_offers_each_tenant_and_shows_only_what_is_its(two: Site, path: str) -> None:
    every = two.get(path)
    tabs = _tabs(every.text)
    assert list(tabs)[::2] == ["All tenants", "Fabrikam"]
    assert "<script>alert(1)" not in every.text
    other = two.get(tabs["Fabrikam"].replace("&amp;", "&"))
    assert other.status_code == 200
    assert 'aria-current="true">Fabrikam' in re.sub(r"<bdi[^>]*>", "", other.text)
    assert "/applications/" not in re.sub(r'href="/applications/?(\?[^"]*)?"', "", other.text)


def test_a_tenants_list_keeps_the_other_filters_but_not_the_place_in_the_list(two: Site) -> None:
    tabs = _tabs(two.get("/incidents?state=open&code=50011").text)
    assert tabs["Fabrikam"].replace("&amp;", "&") == f"/incidents?state=open&code=50011&tenant_id={SECOND}"


def test_lists_of_all_tenants_say_whose_each_row_is(two: Site) -> None:
    for path in ("/incidents", "/applications", "/credentials"):
        assert "Contoso" in re.sub(r'(?s)<nav class="tabs tenants".*?</nav>', "", two.get(path).text), path


def test_a_page_of_one_tenant_has_no_tenants_to_choose_from(site: Site, tmp_path: Path) -> None:
    assert "tabs tenants" not in site.get("/incidents").text
