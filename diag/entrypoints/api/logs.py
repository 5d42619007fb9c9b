"""Structured logs: one JSON object a line, only fields on the list, no personal data, no secrets."""

import ipaddress
import json
import logging
import re
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
_OURS = ("address",)
"""What we listen on: an address, but nobody's."""
_QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#\"'<>]*)[?#][^\s\"'<>]*", re.IGNORECASE)
_PERSON = re.compile(r"[\w.+#'-]{1,200}(?:@|%40)[\w-]{1,200}(?:\.[\w-]{1,200})+", re.IGNORECASE)
_MAYBE_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])", re.IGNORECASE
)


class JsonLine(logging.Formatter):
    """A record as one line of JSON; the last place where a secret would be caught."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _clean(record.getMessage()),
        }
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = value if name in _OURS or not isinstance(value, str) else _clean(value)
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
    # That a job still runs at its next tick is meant so, and a job's failure is said by our own scheduler, by its name.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)


def _clean(text: str) -> str:
    """The text without secrets, queries of addresses, people and network addresses."""
    text = redact(text[:_LONGEST]).text
    text = _QUERY.sub(r"\1?…", text)
    text = _PERSON.sub("[removed: person]", text)
    return _MAYBE_IP.sub(_without_ip, text)


def _without_ip(match: re.Match[str]) -> str:
    try:
        return match[0] if ipaddress.ip_address(match[0]).is_loopback else "[removed: address]"
    except ValueError:
        return match[0]


def _places(record: logging.LogRecord) -> list[str]:
    places = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-12:]
