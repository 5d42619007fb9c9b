"""Sign-ins are paged, filtered and refused as Graph does it."""

from typing import Any

import pytest

from tests.sample_tenant.conftest import KINDS, Running, Start

BETA = "beta/auditLogs/signIns"
SERVICE_PRINCIPALS = "signInEventTypes/any(t: t eq 'servicePrincipal')"


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_any_size_hold_every_row_once_newest_first(tenant: Running, kind: str) -> None:
    whole = tenant.sign_ins(kind)
    assert len(set(_ids(whole))) == len(whole) > 500
    stamps = [row["createdDateTime"] for row in whole]
    assert stamps == sorted(stamps, reverse=True)
    assert {tuple(row["signInEventTypes"]) for row in whole} == {(kind,)}
    assert _ids(tenant.sign_ins(kind, top="97")) == _ids(whole)


def test_page_that_is_exactly_full_is_followed_by_an_empty_one(tenant: Running) -> None:
    whole = tenant.sign_ins("managedIdentity")
    sizes = [
        len(page)
        for page in tenant.pages(BETA, filter="signInEventTypes/any(t: t eq 'managedIdentity')", top=str(len(whole)))
    ]
    assert sizes == [len(whole), 0]


def test_ascending_order_is_the_reverse(tenant: Running) -> None:
    newest_first = tenant.sign_ins("managedIdentity")
    oldest_first = tenant.sign_ins("managedIdentity", orderby="createdDateTime asc", top="50")
    assert _ids(oldest_first) == _ids(newest_first)[::-1]


def test_every_row_of_the_start_is_seen_once_while_new_ones_trickle_in(start: Start) -> None:
    # At this pace about 300 rows arrive every second, late ones among them.
    running = start("--no-throttle", "--story-speed", "900")
    before = {kind: set(_ids(running.sign_ins(kind))) for kind in KINDS}
    for kind in KINDS:
        seen = _ids(running.sign_ins(kind, top="150"))
        assert len(set(seen)) == len(seen)
        assert before[kind] <= set(seen)
        assert set(seen) - before[kind]


def test_some_new_rows_arrive_late(start: Start) -> None:
    running = start("--no-throttle", "--story-speed", "900")
    seen: set[str] = set()
    newest = ""
    late = 0
    for _ in range(6):
        for row in running.sign_ins("servicePrincipal", and_also="status/errorCode ne 0"):
            if row["id"] not in seen:
                seen.add(row["id"])
                late += bool(newest) and row["createdDateTime"] < newest
        newest = max(row["createdDateTime"] for row in running.sign_ins("servicePrincipal", top="1000"))
    assert late > 0


def test_window_includes_both_ends(tenant: Running) -> None:
    whole = tenant.sign_ins("servicePrincipal")
    latest, earliest = whole[100]["createdDateTime"], whole[400]["createdDateTime"]
    window = tenant.sign_ins("servicePrincipal", f"createdDateTime ge {earliest} and createdDateTime le {latest}")
    assert _ids(window) == [row["id"] for row in whole if earliest <= row["createdDateTime"] <= latest]


def test_strict_comparison_has_no_effect(tenant: Running) -> None:
    assert len(tenant.sign_ins("managedIdentity", "createdDateTime gt 2026-11-22T09:00:00Z")) == len(
        tenant.sign_ins("managedIdentity")
    )


def test_nothing_is_older_than_thirty_days(tenant: Running) -> None:
    assert tenant.sign_ins("servicePrincipal", "createdDateTime le 2026-10-23T09:59:59Z") == []
    assert min(row["createdDateTime"] for row in tenant.sign_ins("servicePrincipal")) >= "2026-10-23T10:00:00Z"


@pytest.mark.parametrize(
    ("bound", "status"),
    [("2026-08-24T10:00:00Z", 200), ("2026-08-24T09:59:59Z", 400), ("1970-01-01T00:00:00Z", 400)],
)
def test_lower_bound_may_lie_ninety_days_back_and_no_more(tenant: Running, bound: str, status: int) -> None:
    answer = tenant.get(BETA, status=status, filter=f"createdDateTime ge {bound}")
    if status == 400:
        assert answer["error"]["message"] == "Invalid filter clause"


@pytest.mark.parametrize("option", ["select", "skip", "count", "search", "expand"])
def test_options_that_sign_ins_do_not_know_are_refused(tenant: Running, option: str) -> None:
    value = {"select": "id", "skip": "5", "count": "true", "search": "x", "expand": "x"}[option]
    answer = tenant.get(BETA, status=400, **{option: value})
    assert f"Query option '{option.capitalize()}' is not allowed" in answer["error"]["message"]


@pytest.mark.parametrize(
    "filter_text",
    [
        "createdDateTime ge '2026-11-22T00:00:00Z'",
        "status/errorCode gt 0",
        "status/errorCode ne 50126",
        "contains(appDisplayName,'Portal')",
        "appId ne 'x'",
        "appId eq",
        "appId eq 'x' and",
        "(appId eq 'x'",
        "(" * 60 + "appId eq 'x'" + ")" * 60,
        "signInEventTypes/any(t: t eq 'robot')",
    ],
)
def test_filters_that_graph_does_not_support_are_refused(tenant: Running, filter_text: str) -> None:
    assert tenant.get(BETA, status=400, filter=filter_text)["error"]["code"] == "BadRequest"


def test_without_a_filter_only_interactive_sign_ins_come(tenant: Running) -> None:
    rows = tenant.rows(BETA)
    assert _ids(rows) == _ids(tenant.sign_ins("interactiveUser"))
    assert _ids(tenant.rows("v1.0/auditLogs/signIns")) == _ids(rows)


def test_v1_does_not_know_event_types(tenant: Running) -> None:
    answer = tenant.get("v1.0/auditLogs/signIns", status=400, filter=SERVICE_PRINCIPALS)
    assert "signInEventTypes" in answer["error"]["message"]


def test_both_kinds_of_user_sign_in_may_be_asked_together(tenant: Running) -> None:
    either = "signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')"
    apart = _ids(tenant.sign_ins("interactiveUser")) + _ids(tenant.sign_ins("nonInteractiveUser"))
    assert sorted(_ids(tenant.rows(BETA, filter=either))) == sorted(apart)


@pytest.mark.parametrize(
    "mixed",
    [
        "signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'servicePrincipal')",
        "signInEventTypes/any(t: t eq 'nonInteractiveUser') or signInEventTypes/any(t: t eq 'managedIdentity')",
    ],
)
def test_users_and_service_principals_may_not_be_mixed(tenant: Running, mixed: str) -> None:
    assert "not supported" in tenant.get(BETA, status=400, filter=mixed)["error"]["message"]


def test_ne_gives_all_other_kinds(tenant: Running) -> None:
    rows = tenant.rows(BETA, filter="signInEventTypes/any(t: t ne 'interactiveUser')")
    assert {row["signInEventTypes"][0] for row in rows} == set(KINDS) - {"interactiveUser"}


@pytest.mark.parametrize("kind", KINDS)
def test_failures_alone_are_the_rows_with_a_code(tenant: Running, kind: str) -> None:
    failures = [row["id"] for row in tenant.sign_ins(kind) if row["status"]["errorCode"] != 0]
    assert _ids(tenant.sign_ins(kind, "status/errorCode ne 0")) == failures


def test_one_code_can_be_asked_for(tenant: Running) -> None:
    rows = tenant.sign_ins("servicePrincipal", "status/errorCode eq 7000222")
    assert {row["appDisplayName"] for row in rows} == {"Nightly Invoice Export"}
    assert len(rows) > 50


def test_filter_on_failures_can_be_switched_off(start: Start) -> None:
    running = start("--refuse-ne-filter", "--no-throttle")
    answer = running.get(BETA, status=400, filter="status/errorCode ne 0")
    assert answer["error"]["message"] == "Invalid filter clause"
    assert running.sign_ins("servicePrincipal", "status/errorCode eq 7000222")


@pytest.mark.parametrize(
    ("filter_text", "name", "value"),
    [
        ("appId eq '{}'", "appId", None),
        ("startswith(appDisplayName,'{}')", "appDisplayName", "Warehouse"),
        ("userPrincipalName eq '{}'", "userPrincipalName", None),
        ("startsWith(ipAddress,'{}')", "ipAddress", "203.0.113."),
        ("correlationId eq '{}'", "correlationId", None),
        ("conditionalAccessStatus eq '{}'", "conditionalAccessStatus", "failure"),
    ],
)
def test_other_properties_filter_as_the_rows_say(
    tenant: Running, filter_text: str, name: str, value: str | None
) -> None:
    whole = tenant.sign_ins("interactiveUser")
    value = value or whole[77][name]
    exact = "start" not in filter_text
    expected = [row["id"] for row in whole if (row[name] == value if exact else row[name].startswith(value))]
    assert _ids(tenant.rows(BETA, filter=filter_text.format(value))) == expected
    assert 0 < len(expected) < len(whole)


def test_row_is_found_by_its_id_and_no_other_id_finds_one(tenant: Running) -> None:
    for kind in KINDS:
        row = tenant.sign_ins(kind)[33]
        found = tenant.get(f"{BETA}/{row['id']}")
        found.pop("@odata.context")
        assert found == row
        wrong = row["id"][:-1] + ("0" if row["id"][-1] != "0" else "1")
        tenant.get(f"{BETA}/{wrong}", status=404)
    tenant.get(f"{BETA}/not-a-guid", status=404)


def test_token_of_another_query_or_a_forged_one_is_refused(tenant: Running) -> None:
    link = tenant.get(BETA, top="10", filter=SERVICE_PRINCIPALS)["@odata.nextLink"]
    token = link.split("$skiptoken=")[1]
    assert tenant.get(BETA, status=400, skiptoken=token)["error"]["message"].startswith("Token not found")
    tenant.get(BETA, status=400, skiptoken=token[:-4] + "AAAA", filter=SERVICE_PRINCIPALS)
    tenant.get(BETA, status=400, skiptoken="", filter=SERVICE_PRINCIPALS)


def test_newer_enumeration_members_come_on_request_alone(tenant: Running) -> None:
    newer = {"Prefer": "include-unknown-enum-members"}
    plain = tenant.get(BETA, filter=SERVICE_PRINCIPALS, top="100")["value"]
    asked = tenant.get(BETA, filter=SERVICE_PRINCIPALS, top="100", headers=newer)["value"]
    assert {row["authenticationProtocol"] for row in plain} == {"unknownFutureValue"}
    assert {row["authenticationProtocol"] for row in asked} == {"clientCredentials"}
    assert _ids(plain) == _ids(asked)


def test_unknown_path_is_answered_in_graphs_words(tenant: Running) -> None:
    error = tenant.get("v1.0/auditLogs/signOuts", status=404)["error"]
    assert error["code"] == "BadRequest"
    assert error["innerError"].keys() == {"date", "request-id", "client-request-id"}
