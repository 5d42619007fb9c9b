"""Snooze and acknowledge: a page for a credential or an alert, the page behind a signed link; trying again."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from diag.core import action_links
from diag.core.alerts import Quieting, application_topic, credential_topic
from diag.core.errors import BadInput
from diag.entrypoints.web.http import message, page, parameter, service_of
from diag.entrypoints.web.routing import new_router
from diag.render import links
from diag.render.views.quieting import LinkView, QuietView, choices, quieting_line
from diag.workflows.ports import CredentialQuery, StoredCredential, Transaction
from diag.workflows.quiet_on_request import follow, settle

router = new_router()

_LONGEST_TOPIC = 300


@router.get("/quiet")
def quiet(request: Request) -> Response:
    """What is quiet about one topic, why, and forms to change it."""
    service = service_of(request)
    now = service.clock.now()
    with service.database.read() as stores:
        tenant_id, topic, app_id, what = _asked(request, stores)
        about = (topic, application_topic(tenant_id, app_id) if app_id else topic)
        held = [item for item in stores.topics.quietings(tenant_id, now) if item.topic in about]
    view = QuietView(
        what=what,
        tenant_id=tenant_id,
        topic=topic,
        app_id=app_id,
        back=links.application(app_id, tenant_id) if app_id else "/alerts",
        held=tuple(quieting_line(item, now, whole=item.topic != topic) for item in held if _in_force(item, now)),
        choices=choices(),
    )
    return page(request, "quiet.html", view, section="credentials", title="Quiet")


@router.post("/quiet")
def set_quiet(
    request: Request,
    tenant_id: Annotated[str, Form()],
    topic: Annotated[str, Form()],
    action: Annotated[Literal["snooze", "acknowledge", "wake"], Form()],
    app_id: Annotated[str, Form()] = "",
    scope: Annotated[Literal["topic", "application"], Form()] = "topic",
    days: Annotated[int, Form(ge=0, le=3650)] = 7,
    by: Annotated[str, Form(max_length=200)] = "",
    why: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Snooze (``days`` 0: for good), acknowledge, or take both back; the guard refuses forms that other sites send."""
    service = service_of(request)
    now = service.clock.now()
    if not topic.startswith(f"{tenant_id}|") or len(topic) > _LONGEST_TOPIC:
        raise BadInput("This form is damaged.", hint="Open the page anew.")
    chosen = application_topic(tenant_id, app_id) if scope == "application" and app_id else topic
    with service.database.write() as stores:
        if action == "wake":
            stores.topics.end(tenant_id, chosen)
        else:
            until = now + timedelta(days=days) if action == "snooze" and days else None
            settle(stores, tenant_id, chosen, action, until=until, by=by or "somebody on the page", why=why, now=now)
    return RedirectResponse(links.application(app_id, tenant_id) if app_id else "/alerts", 303)


@router.post("/alerts/deliveries/{delivery_id}/replay")
def replay(request: Request, delivery_id: str) -> Response:
    """Try a delivery again that was given up, under the id it had; the guard refuses forms that other sites send."""
    service = service_of(request)
    with service.database.write() as stores:
        if not stores.alerts.replay([delivery_id], service.clock.now()):
            return message(
                request,
                "No such delivery",
                "No delivery of this ID was given up; it may wait again already.",
                status=404,
                section="alerts",
            )
    return RedirectResponse("/alerts#deliveries", 303)


@router.get("/act")
def ask(request: Request) -> Response:
    """Behind a signed link: says what it would do and asks. Opening it does nothing."""
    service = service_of(request)
    token = request.query_params.get("t", "")
    link = action_links.read(token, service.link_key, service.clock.now())
    if link is None:
        return _no_link(request)
    with service.database.read() as stores:
        alert = stores.alerts.get(link.alert_id)
    if alert is None:
        return _no_link(request)
    view = LinkView(subject=alert.subject, action=link.action, days=link.days, reader=link.reader, token=token)
    return page(request, "act.html", view, section="alerts", title="Please confirm")


@router.post("/act")
async def act(request: Request, t: Annotated[str, Form()], why: Annotated[str, Form(max_length=1000)] = "") -> Response:
    """Does what a signed link permits, once."""
    service = service_of(request)
    now = service.clock.now()
    link = action_links.read(t, service.link_key, now)
    if link is None:
        return _no_link(request)

    def do() -> bool:
        with service.database.write() as stores:
            return follow(stores, link, now, why) is not None

    if not await run_in_threadpool(do):
        return message(
            request,
            "This link was used before",
            "Each link in a message works once. Open Alerts or Credentials to change what is quiet.",
            status=409,
            section="alerts",
        )
    said = "Acknowledged" if link.action == "acknowledge" else f"Snoozed for {link.days} days"
    return message(request, said, "Nobody else is called in meanwhile. You can close this page.", status=200)


def _asked(request: Request, stores: Transaction) -> tuple[str, str, str, str]:
    """Tenant, topic, application ID and a name for what is asked about."""
    alert_id = parameter(request, "alert")
    if alert_id:
        alert = stores.alerts.get(alert_id)
        if alert is None or not alert.topic:
            raise BadInput("There is no such alert.", hint="Open Alerts and choose it there.")
        return alert.tenant_id, alert.topic, alert.app_id, alert.subject
    tenant_id, owner, key_id = (parameter(request, name) for name in ("tenant_id", "owner", "key_id"))
    found = _credential(stores, tenant_id, parameter(request, "app_id").lower(), owner, key_id)
    if found is None:
        raise BadInput("There is no such credential.", hint="Open Credentials and choose it there.")
    credential = found.credential
    name = f"{credential.display_name or credential.key_id} of {found.application_name or credential.app_id}"
    return tenant_id, credential_topic(tenant_id, owner, key_id), credential.app_id, name


def _credential(stores: Transaction, tenant_id: str, app_id: str, owner: str, key_id: str) -> StoredCredential | None:
    query = CredentialQuery(tenant_id=tenant_id, app_id=app_id, limit=500)
    found = (
        item
        for item in stores.credentials.find(query)
        if (item.credential.owner_object_id, item.credential.key_id) == (owner, key_id)
    )
    return next(found, None)


def _in_force(item: Quieting, now: datetime) -> bool:
    return item.until is None or item.until > now


def _no_link(request: Request) -> Response:
    return message(
        request,
        "This link does nothing any more",
        "It has expired, was cut short, or belongs to another instance. Open Alerts to see what stands.",
        status=410,
        section="alerts",
    )
