"""Comparison of redirect URIs: each difference by its name, the loopback rules, and the nearest one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.core.redirects import differences, matches, nearest, origin, port_is_ignored, shapes, shares_host

BASE = "https://orders.contoso.example/signin-oidc"


@pytest.mark.parametrize(
    ("sent", "registered", "expected"),
    [
        (BASE, BASE, set()),
        ("http://orders.contoso.example/signin-oidc", BASE, {"scheme"}),
        ("http://orders.contoso.example:80/signin-oidc", BASE, {"scheme"}),
        ("http://orders.contoso.example:8080/signin-oidc", BASE, {"scheme", "port"}),
        ("https://shop.contoso.example/signin-oidc", BASE, {"host"}),
        ("https://orders.contoso.example:8443/signin-oidc", BASE, {"port"}),
        ("https://orders.contoso.example/", BASE, {"path"}),
        ("https://orders.contoso.example/Signin-OIDC", BASE, {"case"}),
        ("https://Orders.Contoso.Example/signin-oidc", BASE, {"case"}),
        (BASE + "/", BASE, {"trailing_slash"}),
        ("https://orders.contoso.example", "https://orders.contoso.example/", {"trailing_slash"}),
        ("https://orders.contoso.example/Signin-OIDC/", BASE, {"case", "trailing_slash"}),
        ("https://orders.contoso.example//signin-oidc", BASE, {"double_slash"}),
        ("https://orders.contoso.example/sign%69n-oidc", BASE, {"encoding"}),
        ("https%3A%2F%2Forders.contoso.example%2Fsignin-oidc", BASE, {"encoding"}),
        ("https%253A%252F%252Forders.contoso.example%252Fsignin-oidc", BASE, {"encoding"}),
        (BASE + "?lang=de", BASE, {"query"}),
        (BASE + "#home", BASE, {"fragment"}),
        ("http://127.0.0.1:5000/cb", "http://localhost:5000/cb", {"loopback_host"}),
        ("http://[::1]:5000/cb", "http://localhost:5001/cb", {"loopback_host", "port"}),
        ("https://eu.contoso.example/cb", "https://*.contoso.example/cb", {"wildcard"}),
        ("https://a.b.contoso.example/cb", "https://*.contoso.example/other", {"host", "path"}),
        ("msauth://com.contoso.app/a", "msauth://com.contoso.app/b", {"path"}),
        ("urn:ietf:wg:oauth:2.0:oob", "http://localhost", {"scheme", "host", "path"}),
    ],
)
def test_each_difference_has_its_name(sent: str, registered: str, expected: set[str]) -> None:
    assert differences(sent, registered) == expected


def test_the_port_of_http_localhost_does_not_count_on_any_platform() -> None:
    for platform in ("web", "spa", "public_client", ""):
        assert matches("http://localhost:53123/cb", "http://localhost/cb", platform)


def test_the_port_counts_for_https_and_for_other_hosts() -> None:
    assert not matches("https://localhost:5001/cb", "https://localhost:5000/cb", "web")
    assert not matches("https://orders.contoso.example:8443/cb", "https://orders.contoso.example/cb", "web")


def test_the_port_of_a_loopback_address_is_left_out_for_native_clients_alone() -> None:
    assert port_is_ignored("http://127.0.0.1:4000/cb", "public_client")
    assert port_is_ignored("http://[::1]:4000/cb", "public_client")
    assert not port_is_ignored("http://127.0.0.1:4000/cb", "web")
    assert not port_is_ignored("http://127.0.0.1:4000/cb")


def test_the_path_counts_for_localhost_too() -> None:
    assert not matches("http://localhost:5000/cb", "http://localhost:5000", "public_client")


def test_the_nearest_registered_address_is_the_one_with_the_smallest_difference() -> None:
    registered = ["https://shop.contoso.example/signin-oidc", "https://orders.contoso.example/", BASE]
    assert nearest(BASE + "/", registered) == (BASE, {"trailing_slash"})
    assert nearest(BASE, []) is None


@pytest.mark.parametrize(
    ("uri", "present", "absent"),
    [
        ("http://orders.contoso.example/cb", {"plain_http", "sign_in_path"}, {"loopback", "private_host"}),
        ("http://192.168.0.60:3838/signin-oidc", {"private_host", "port"}, {"plain_http"}),
        ("http://buildbox/cb", {"private_host"}, {"plain_http"}),
        ("http://localhost:44548/callback", {"loopback", "loopback_with_port"}, {"plain_http", "native_default"}),
        ("http://localhost", {"loopback", "native_default"}, {"loopback_with_port"}),
        ("ms-appx-web://Microsoft.AAD.BrokerPlugin/S-1-15-2-1", {"broker", "custom_scheme"}, {"plain_http"}),
        ("msauth.com.contoso.app://auth", {"broker"}, set()),
        ("urn:ietf:wg:oauth:2.0:oob", {"native_default", "custom_scheme"}, {"broker"}),
        ("https://orders.contoso.example//cb", {"double_slash"}, {"encoded"}),
        ("https%3A%2F%2Forders.contoso.example%2Fcb", {"encoded"}, {"double_slash"}),
        ("https://orders.contoso.example/cb?lang=de#x", {"query", "fragment"}, set()),
        ("https://orders.contoso.example/saml/acs", {"saml_consumer"}, {"sign_in_path"}),
        ("https://orders.contoso.example/orders/4711", set(), {"sign_in_path", "saml_consumer"}),
        ("https://[broken", set(), {"loopback", "plain_http", "custom_scheme"}),
    ],
)
def test_an_address_shows_its_shapes_alone(uri: str, present: set[str], absent: set[str]) -> None:
    seen = shapes(uri)
    assert present <= seen
    assert not absent & seen


def test_loopback_names_and_wildcards_count_as_one_host() -> None:
    assert shares_host("http://127.0.0.1:1/cb", "http://localhost/other")
    assert shares_host("https://eu.contoso.example/cb", "https://*.contoso.example/x")
    assert shares_host("urn:a", "urn:b")
    assert not shares_host("https://a.contoso.example", "https://b.contoso.example")


def test_an_origin_leaves_out_the_default_port() -> None:
    assert origin("https://orders.contoso.example:443/cb?x=1") == "https://orders.contoso.example"
    assert origin("http://localhost:3000/cb") == "http://localhost:3000"
    assert origin("http://[::1]:3000/") == "http://[::1]:3000"
    assert origin("urn:ietf:wg:oauth:2.0:oob") == ""


def test_a_pattern_with_many_stars_is_not_tried() -> None:
    assert "wildcard" not in differences("https://" + "a" * 200, "https://" + "*a" * 50)


ANY_ADDRESS = st.one_of(
    st.text(max_size=80),
    st.builds(
        "{}://{}{}/{}".format,
        st.sampled_from(["http", "https", "HTTPS", "msauth", "api"]),
        st.sampled_from(["localhost", "127.0.0.1", "[::1]", "a.example", "*.example", "[::", "b_c", ""]),
        st.sampled_from(["", ":0", ":443", ":99999", ":x"]),
        st.text(alphabet="aA/%25?#.*", max_size=12),
    ),
)


@given(ANY_ADDRESS, ANY_ADDRESS)
def test_any_two_texts_can_be_compared_and_are_the_same_only_without_a_difference(sent: str, registered: str) -> None:
    assert (differences(sent, registered) == frozenset()) == (sent == registered)
    assert matches(sent, sent, "web")
    shapes(sent)
    origin(sent)
    shares_host(sent, registered)
