"""Structured logs: one JSON object a line, only fields on the list, no personal data, no secrets."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from diag.core.redaction import redact

FIELDS = (
    "address",
    "channel",
    "duration_ms",
    "hint",
    "job",
    "method",
    "problem",
    "request_id",
    "route",
    "source",
    "state",
    "status",
)
"""What a record may carry beside its message; anything else is dropped."""
_LONGEST = 2000


class JsonLine(logging.Formatter):
    """A record as one line of JSON; the last place where a secret would be caught."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()[:_LONGEST]).text,
        }
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = redact(value[:_LONGEST]).text if isinstance(value, str) else value
        if record.exc_info:
            # The type and the place, not the message: exception messages quote what they were given.
            line["error"] = record.exc_info[0].__name__ if record.exc_info[0] else ""
            line["stack"] = _places(record)
        return json.dumps(line, ensure_ascii=True)


def configure_logging(level: str) -> None:
    """Send every logger of the process through ``JsonLine`` to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "azure", "msal", "apscheduler", "alembic", "uvicorn", "uvicorn.error"):
        # Their lines quote addresses with queries and headers.
        logging.getLogger(name).setLevel(logging.WARNING)


def _places(record: logging.LogRecord) -> list[str]:
    places = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-12:]
