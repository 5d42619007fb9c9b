"""Addresses of our own pages; every value in them is encoded."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def page(path: str, query: Mapping[str, object] | None = None) -> str:
    """The path with its query; empty and absent values are left out."""
    kept = {name: str(value) for name, value in (query or {}).items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


def application(app_id: str, tenant_id: str = "", before: str = "") -> str:
    """An application's page; empty when the record names no application. ``before``: key of its older failures."""
    query = {"tenant_id": tenant_id, "before": before}
    return page(f"/applications/{quote(app_id, safe='')}", query) if app_id else ""


def incident(incident_id: str) -> str:
    return f"/incidents/{quote(incident_id, safe='')}"


def code(number: int) -> str:
    return f"/codes/{number}"


def symptom(symptom_id: str) -> str:
    return f"/codes/{quote(symptom_id, safe='')}"


def family(name: str) -> str:
    return page("/codes", {"family": name})


def safe_outside(url: str) -> str:
    """The address when it may stand in a link of ours: https only, without spaces or controls; else empty."""
    clean = url.strip()
    return clean if clean.startswith("https://") and clean.isprintable() and " " not in clean else ""
