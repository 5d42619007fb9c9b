"""Addresses of our own pages."""

from diag.render import links


def test_values_cannot_leave_their_place_in_an_address() -> None:
    assert links.application("a/../b?c#d", "t&x=1") == "/applications/a%2F..%2Fb%3Fc%23d?tenant_id=t%26x%3D1"
    assert links.incident("x/y") == "/incidents/x%2Fy"
    assert links.page("/incidents", {"state": "", "code": 0, "cause": None}) == "/incidents?code=0"


def test_a_record_without_an_application_has_no_link() -> None:
    assert links.application("") == ""


def test_only_https_leads_outside() -> None:
    assert links.safe_outside("https://learn.microsoft.com/x") == "https://learn.microsoft.com/x"
    for text in ("javascript:x", "http://contoso.example", "https://a b", "https://a\u202eb", "//contoso.example"):
        assert links.safe_outside(text) == "", text
