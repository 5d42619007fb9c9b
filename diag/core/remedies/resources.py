"""Whole resources for Bicep and Terraform, for things that are objects of their own (never for the application
itself)."""

from collections.abc import Mapping
from typing import Any

from diag.core.remedies.quoting import bicep, hcl
from diag.core.remedies.subject import Subject


def bicep_resource(symbol: str, kind: str, properties: Mapping[str, Any], note: str = "") -> str:
    head = f"// {note}\n" if note else ""
    return f"{head}resource {symbol} '{kind}' = {bicep(properties)}"


def terraform_resource(kind: str, properties: Mapping[str, Any], note: str = "", *, import_id: str = "") -> str:
    """One resource named ``added``; with ``import_id`` also the import block for an object that already exists."""
    lines = [f"# {note}"] if note else []
    lines += [
        f'resource "{kind}" "added" {{',
        *(f"  {name} = {hcl(part, 2)}" for name, part in properties.items()),
        "}",
    ]
    if import_id:
        lines += ["", "import {", f"  to = {kind}.added", f"  id = {hcl(import_id)}", "}"]
    return "\n".join(lines)


def application_path(subject: Subject) -> str:
    """How the azuread provider names an application."""
    return f"/applications/{subject.object_id}"
