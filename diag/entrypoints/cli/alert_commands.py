"""Alerts from the command line: what was told to whom, what was given up, and trying that again."""

import argparse

from diag.bootstrap import Service, build
from diag.core.alerts import Delivery
from diag.core.errors import BadInput
from diag.entrypoints.cli.console import Console, visible
from diag.entrypoints.cli.service_commands import say, say_json, settings_here
from diag.workflows.channel_states import enable

_MOST = 5000


def alerts(options: argparse.Namespace, console: Console) -> int:
    """List deliveries, replay those that were given up, or enable a channel."""
    service = build(settings_here())
    service.prepare_database()
    try:
        if options.enable:
            told: object = _enable(service, options.enable)
            words = f"The channel {options.enable} is enabled; what waits for it goes out."
        elif options.replay:
            number = _replay(service, options.replay)
            told, words = {"replayed": number}, f"Waiting again under their IDs: {number}."
        else:
            with service.database.read() as transaction:
                found = transaction.alerts.deliveries(None, options.most, None, options.state)
            told = {"value": [_record(item) for item in found]}
            none = f"No delivery is {options.state}." if options.state else "Nothing was delivered or is to be."
            words = "\n".join(map(_line, found)) or none
    finally:
        service.close()
    if options.json:
        say_json(console, told)
    else:
        say(console, words)
    return 0


def _enable(service: Service, name: str) -> dict[str, object]:
    known = [channel.name for channel in service.settings.config.channels]
    if name not in known:
        raise BadInput(
            f"No channel is called {name}.", hint=f"Configured: {', '.join(known) or 'none, see DIAG_CONFIG'}."
        )
    with service.database.write() as transaction:
        return {"enabled": name, "was_disabled": enable(transaction, name, service.tenant_ids, service.clock.now())}


def _replay(service: Service, wanted: str) -> int:
    with service.database.write() as transaction:
        dead = transaction.alerts.deliveries(None, _MOST, None, "dead")
        chosen = [item.id for item in dead if wanted in ("all", item.id)]
        if not chosen and wanted != "all":
            raise BadInput(
                "No delivery of this ID was given up.", hint="`diag alerts --state dead` lists those that were."
            )
        return transaction.alerts.replay(chosen, service.clock.now()) if chosen else 0


def _record(item: Delivery) -> dict[str, object]:
    return {
        "tenant_id": item.alert.tenant_id,
        "id": item.id,
        "alert_id": item.alert.id,
        "subject": item.alert.subject,
        "channel": item.channel,
        "recipient": item.recipient,
        "state": item.state,
        "attempts": item.attempts,
        "answer": item.answer,
        "created_at": item.alert.created_at,
    }


def _line(item: Delivery) -> str:
    where = f"{item.channel} ({item.recipient})" if item.recipient else item.channel
    said = f": {item.answer}" if item.answer else ""
    return visible(f"{item.state:<9} {where}  {item.alert.subject}  [{item.id}]{said}")
