"""The client against every shape in which Graph fails, over HTTP that respx answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import respx

from diag.adapters.graph.client import GraphClient, Limits
from diag.adapters.graph.credentials import IssuedToken
from diag.adapters.graph.directory import GraphDirectory
from diag.adapters.graph.sign_in_log import GraphSignInLog, ceiling, floor
from diag.core.errors import (
    AuthenticationFailed,
    ForeignLink,
    LicenceMissing,
    NotFound,
    NotOffered,
    PermissionLost,
    SettingsError,
    SourceError,
    Throttled,
    Unreachable,
    WindowRefused,
)
from diag.core.windows import Window
from diag.workflows.ports import SignInPage
from tests.adapters.graph.support import GRAPH, NOW, NumberedTokens, StillClock, answer, client, listed

SIGN_INS = f"{GRAPH}/beta/auditLogs/signIns"
APPLICATION = f"{GRAPH}/v1.0/applications/o1"
WINDOW = Window(NOW - timedelta(hours=1), NOW)


def failed_sign_in(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "createdDateTime": "2026-11-22T09:30:00Z", "status": {"errorCode": 50126}}


async def collected(made: GraphClient, **options: Any) -> list[SignInPage]:
    log = GraphSignInLog(made, StillClock())
    return [page async for page in log.pages("service", WINDOW, outcome=options.get("outcome", "failed"))]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(403, "Authorization_RequestDenied", "Insufficient privileges."), PermissionLost),
        (answer(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"), LicenceMissing),
        (httpx.Response(403, text="<html>forbidden</html>"), PermissionLost),
        (answer(404, "Request_ResourceNotFound"), NotFound),
        (answer(404, "BadRequest", "Resource not found for the segment 'signIns'."), NotOffered),
        (answer(400, "BadRequest", "Invalid filter clause"), WindowRefused),
        (answer(400, "Directory_ExpiredPageToken"), WindowRefused),
        (answer(410, "syncStateNotFound"), WindowRefused),
        (answer(404, "syncStateNotFound"), WindowRefused),
        (answer(405, "Request_BadRequest"), SourceError),
        (answer(501, "NotImplemented"), Unreachable),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), Unreachable),
    ],
)
async def test_an_answer_that_another_try_cannot_mend_is_told_at_once(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, reply: httpx.Response, error: type[SourceError]
) -> None:
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=reply)
    with pytest.raises(SourceError) as caught:
        await collected(client(http, StillClock()))
    assert type(caught.value) is error
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        (SIGN_INS, "AuditLog.Read.All"),
        (APPLICATION, "Application.Read.All"),
        (f"{GRAPH}/v1.0/servicePrincipals/o1/oauth2PermissionGrants", "Directory.Read.All"),
        (f"{GRAPH}/v1.0/identity/conditionalAccess/policies", "Policy.Read.All"),
        (f"{GRAPH}/v1.0/directory/deletedItems/graph.application", "Application.Read.All"),
        (f"{GRAPH}/v1.0/subscribedSkus", "LicenseAssignment.Read.All"),
    ],
)
async def test_a_lost_permission_is_named(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, path: str, permission: str
) -> None:
    respx_mock.get(url__startswith=path).mock(return_value=answer(403, "Authorization_RequestDenied"))
    made = client(http, StillClock())
    directory = GraphDirectory(made)
    calls = {
        SIGN_INS: lambda: collected(made),
        APPLICATION: lambda: directory.read("application", "o1"),
        f"{GRAPH}/v1.0/servicePrincipals/o1/oauth2PermissionGrants": lambda: directory.detail("grants", "o1", "a"),
        f"{GRAPH}/v1.0/identity/conditionalAccess/policies": lambda: directory.tenant_wide("access_policies"),
        f"{GRAPH}/v1.0/directory/deletedItems/graph.application": lambda: directory.tenant_wide("deleted_applications"),
        f"{GRAPH}/v1.0/subscribedSkus": lambda: directory.tenant_wide("licences"),
    }
    with pytest.raises(PermissionLost) as caught:
        await calls[path]()
    assert caught.value.permission == permission


@pytest.mark.parametrize(
    "fault",
    [
        answer(500),
        answer(502),
        answer(503, Retry_After="2"),
        httpx.Response(504, text="<html>gateway</html>"),
        httpx.Response(200, text="<html>sign in</html>"),
        httpx.Response(200, text='{"value": [{"id": "1", "crea'),
        httpx.Response(200, json={"error": {"code": "UnknownError"}}),
        httpx.Response(200, text='{"value": []}{"error": {"code": "UnknownError"}}'),
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("stalled"),
        httpx.RemoteProtocolError("half an answer"),
    ],
)
async def test_a_fault_is_tried_again_until_it_passes(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, fault: httpx.Response | Exception
) -> None:
    clock = StillClock()
    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=[fault, fault, listed(failed_sign_in("r1"))])
    pages = await collected(client(http, clock))
    assert [row.id for page in pages for row in page.failures] == ["r1"]
    # One second, then two, unless the service asked for longer.
    assert clock.passed == (4.0 if isinstance(fault, httpx.Response) and fault.headers.get("Retry-After") else 3.0)


async def test_a_fault_that_does_not_pass_is_unreachable_after_the_last_attempt(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    clock = StillClock()
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=answer(503))
    with pytest.raises(Unreachable, match="503"):
        await collected(client(http, clock, limits=Limits(attempts=4), jitter=lambda: 0.0))
    assert route.call_count == 4
    assert clock.passed == 0.5 + 1.0 + 2.0


@pytest.mark.parametrize(("header", "waited"), [("7", 7.0), ("2.128", 2.128), (None, 10.0), ("-5", 10.0), ("0", 1.0)])
async def test_a_throttled_request_goes_out_again_when_it_is_due_and_not_before(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, header: str | None, waited: float
) -> None:
    clock = StillClock()
    refused = answer(429, "TooManyRequests", **({"Retry_After": header} if header is not None else {}))
    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=[refused, listed()])
    await collected(client(http, clock))
    assert clock.passed == pytest.approx(waited)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=2), timedelta(days=-1)])
async def test_a_date_to_wait_for_is_meant_by_the_clock_of_whoever_wrote_it(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, ahead: timedelta
) -> None:
    clock = StillClock()
    theirs = NOW + ahead
    due = format_datetime(theirs + timedelta(seconds=45), usegmt=True)
    refused = answer(429, Retry_After=due, Date=format_datetime(theirs, usegmt=True))
    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=[refused, listed()])
    await collected(client(http, clock))
    assert clock.passed == 45.0


@pytest.mark.parametrize("date", ["", "soon", "Thu, 99 Foo 2026 99:99:99 GMT"])
async def test_a_date_to_wait_for_is_read_by_our_clock_where_the_answer_names_no_instant(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, date: str
) -> None:
    clock = StillClock()
    due = format_datetime(NOW + timedelta(seconds=45), usegmt=True)
    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=[answer(429, Retry_After=due, Date=date), listed()])
    await collected(client(http, clock))
    assert clock.passed == 45.0


async def test_a_slow_token_does_not_bunch_requests_beyond_what_the_log_allows(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    clock = StillClock()
    sent: list[float] = []

    class Slow(NumberedTokens):
        async def issue(self) -> IssuedToken:
            clock.passed += 8.0
            return await super().issue()

    def reply(_request: httpx.Request) -> httpx.Response:
        sent.append(clock.passed)
        return listed()

    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=reply)
    made = client(http, clock, source=Slow())
    await asyncio.gather(*(collected(made) for _ in range(7)))
    assert all(later - earlier > 10.0 for earlier, later in zip(sent, sent[5:], strict=False))


async def test_a_pause_too_long_to_wait_for_is_throttled_and_holds_for_the_next_caller(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    clock = StillClock()
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=answer(429, Retry_After="99999999"))
    made = client(http, clock)
    for _ in range(2):
        with pytest.raises(Throttled) as caught:
            await collected(made)
        assert caught.value.retry_after == 3600.0
    assert route.call_count == 1
    assert clock.passed == 0


async def test_a_service_that_is_away_for_an_hour_is_left_alone_for_an_hour(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    clock = StillClock()
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=answer(503, Retry_After="3600"))
    made = client(http, clock)
    with pytest.raises(Unreachable):
        await collected(made)
    with pytest.raises(Throttled):
        await collected(made)
    clock.passed = 3480.0
    with pytest.raises(Unreachable):
        await collected(made)
    assert (route.call_count, clock.passed) == (2, 3600.0)


async def test_a_refused_token_is_renewed_once(http: httpx.AsyncClient, respx_mock: respx.MockRouter) -> None:
    source = NumberedTokens()
    route = respx_mock.get(url__startswith=SIGN_INS)
    route.side_effect = [answer(401, "InvalidAuthenticationToken"), listed(), answer(401), answer(401, "Expired")]
    made = client(http, StillClock(), source=source)
    await collected(made)
    assert [call.request.headers["Authorization"] for call in route.calls] == ["Bearer token-1", "Bearer token-2"]
    with pytest.raises(AuthenticationFailed, match="401 Expired"):
        await collected(made)
    assert source.issued == 3


async def test_pages_follow_the_link_verbatim_and_to_its_end_past_empty_pages(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    link = f"{SIGN_INS}?$filter=(signInEventTypes%2fany(t%3a+t+ne+%27x%27))&$top=10&$skiptoken=a_b-c~d%2Be==/!'x"
    first = respx_mock.get(SIGN_INS, params={"$top": "1000"}).mock(return_value=listed(link=link))
    following = respx_mock.get(url__startswith=f"{SIGN_INS}?$filter=(").mock(return_value=listed(failed_sign_in("r1")))
    pages = await collected(client(http, StillClock()))
    assert [(page.read, page.more) for page in pages] == [(0, True), (1, False)]
    assert following.calls.last.request.url.raw_path.decode() == link.removeprefix(GRAPH)
    asked = first.calls.last.request
    assert asked.headers["Prefer"] == "include-unknown-enum-members"
    assert asked.url.params["$filter"] == (
        "signInEventTypes/any(t: t eq 'servicePrincipal' or t eq 'managedIdentity')"
        " and createdDateTime ge 2026-11-22T09:00:00Z and createdDateTime le 2026-11-22T10:00:00Z"
        " and status/errorCode ne 0"
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/beta/auditLogs/signIns?$skiptoken=1",
        "http://graph.contoso.example/beta/auditLogs/signIns?$skiptoken=1",
        "https://graph.contoso.example:8443/beta/auditLogs/signIns?$skiptoken=1",
        "https://graph.contoso.example@elsewhere.example/beta?$skiptoken=1",
        "https://user:secret@graph.contoso.example/beta?$skiptoken=1",
        "//elsewhere.example/beta",
        "ftp://graph.contoso.example/beta",
        "/beta/auditLogs/signIns?$skiptoken=1",
        "https://[broken/beta",
    ],
)
async def test_a_link_to_anywhere_else_is_not_followed(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, link: str
) -> None:
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=listed(failed_sign_in("r1"), link=link))
    pages = GraphSignInLog(client(http, StillClock()), StillClock()).pages("user", WINDOW, outcome="all")
    assert [row.id for row in (await anext(pages)).failures] == ["r1"]
    with pytest.raises(ForeignLink):
        await anext(pages)
    assert route.call_count == 1


@pytest.mark.parametrize("link", [f"{SIGN_INS}?$skiptoken=same", f"{SIGN_INS}?$top=5&$skiptoken="])
async def test_a_link_that_leads_in_a_circle_or_nowhere_refuses_the_window(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, link: str
) -> None:
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=listed(link=link))
    with pytest.raises(WindowRefused):
        await collected(client(http, StillClock()))
    assert route.call_count <= 2


async def test_an_answer_beyond_the_cap_is_not_read_to_its_end(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 1000

    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=lambda _: httpx.Response(200, content=endless()))
    with pytest.raises(Unreachable, match="longer than 5000 bytes"):
        await collected(client(http, StillClock(), limits=Limits(attempts=2, body=5000)))


async def test_an_answer_that_trickles_beyond_the_time_is_given_up(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    import asyncio

    async def trickle() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b" "

    respx_mock.get(url__startswith=SIGN_INS).mock(side_effect=lambda _: httpx.Response(200, content=trickle()))
    with pytest.raises(Unreachable, match="No whole answer"):
        await collected(client(http, StillClock(), limits=Limits(attempts=1, total=0.05)))


@pytest.mark.parametrize(("reply", "accepted"), [(listed(), True), (answer(400, "BadRequest"), False)])
async def test_the_failure_filter_is_probed_with_one_request(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, reply: httpx.Response, accepted: bool
) -> None:
    route = respx_mock.get(url__startswith=SIGN_INS).mock(return_value=reply)
    assert await GraphSignInLog(client(http, StillClock()), StillClock()).probe_failure_filter("user") is accepted
    assert route.calls.last.request.url.params["$top"] == "1"
    assert route.calls.last.request.url.params["$filter"].endswith("status/errorCode ne 0")


async def test_version_1_asks_for_users_without_kinds_and_says_that_it_sees_no_applications(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.get(url__startswith=f"{GRAPH}/v1.0/auditLogs/signIns").mock(return_value=listed())
    log = GraphSignInLog(client(http, StillClock()), StillClock(), "v1.0")
    assert [page.read async for page in log.pages("user", WINDOW, outcome="all")] == [0]
    assert "signInEventTypes" not in route.calls.last.request.url.params["$filter"]
    with pytest.raises(SourceError, match=r"Version 1\.0"):
        await anext(log.pages("service", WINDOW, outcome="all"))


def test_windows_are_asked_for_in_whole_seconds_and_never_narrower() -> None:
    instant = NOW + timedelta(microseconds=1)
    assert (floor(instant), ceiling(instant)) == ("2026-11-22T10:00:00Z", "2026-11-22T10:00:01Z")
    assert (floor(NOW), ceiling(NOW)) == ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z")


@pytest.mark.parametrize(
    "url", ["http://graph.contoso.example", "ftp://127.0.0.1", "graph.contoso.example", "http://127.0.0.1@x"]
)
async def test_plain_http_is_for_loopback_only(http: httpx.AsyncClient, url: str) -> None:
    from diag.adapters.graph.credentials import Tokens
    from diag.adapters.graph.throttle import Budgets

    clock = StillClock()
    with pytest.raises(SettingsError, match="DIAG_GRAPH_URL"):
        GraphClient(
            tenant_id="t", graph_url=url, tokens=Tokens(NumberedTokens(), clock), http=http, budgets=Budgets(clock),
            clock=clock, jitter=lambda: 0.0,
        )  # fmt: skip


def test_error_bodies_are_quoted_without_identifiers() -> None:
    from diag.adapters.graph.errors import failed

    problem = failed(400, "/x", json.dumps({"error": {"code": "c", "message": "m " * 900}}).encode(), None)
    assert len(str(problem)) < 400
