"""``diag calendar-token``: a new address of the calendar for somebody, and what the configuration keeps of it."""

import argparse
import json
import secrets

from diag.core.calendar import digest
from diag.core.errors import BadInput
from diag.entrypoints.cli.console import Console, visible
from diag.entrypoints.cli.service_commands import settings_here

_TOLD = """\
Subscribe to this address. It is shown only now, and whoever knows it can read:

  {address}

Put this into the file that DIAG_CONFIG names, and start the service anew:

calendar:
  - {{name: {name}, token_sha256: {kept}}}"""


def calendar_token(options: argparse.Namespace, console: Console) -> int:
    """Make a token; it is shown once and kept nowhere."""
    if not options.name.strip():
        raise BadInput("The reader has no name.", hint="Name who gets the address: diag calendar-token ada")
    token = secrets.token_urlsafe(32)
    address = f"{settings_here().origin}/calendar/{token}.ics"
    kept = digest(token)
    if options.json:
        console.say(json.dumps({"name": options.name, "url": address, "token_sha256": kept}))
    else:
        name = json.dumps(options.name, ensure_ascii=False)
        console.say(visible(_TOLD.format(address=address, name=name, kept=kept)))
    return 0
