"""``diag import``: sign-ins and audit records from files, with how far it has come."""

import argparse
import contextlib
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from diag.bootstrap import Service, build
from diag.core.errors import BadInput
from diag.core.tenants import Tenant
from diag.entrypoints.cli.console import Console, visible
from diag.entrypoints.cli.service_commands import settings_here, the_tenants
from diag.workflows.import_files import FileImporter, Tally
from diag.workflows.ports_files import ImportedFile

STANDARD_INPUT = "-"


def run(options: argparse.Namespace, console: Console) -> int:
    """Import each file; one that cannot be read does not keep the others out, but makes the exit code 2."""
    current = settings_here()
    if current.sample:
        raise BadInput(
            "No tenant is configured, and nothing of yours belongs into the sample tenant's database.",
            hint="Set DIAG_TENANT_ID to the tenant the records come from; importing needs no credential.",
        )
    tenant = _one(the_tenants(current, options.tenant))
    names = _distinct(options.files)
    for name in names:
        if name != STANDARD_INPUT and not Path(name).is_file():
            raise BadInput(f"There is no file {visible(name)}.", hint="Nothing was imported; correct the name.")
    service = build(current)
    service.prepare_database()
    try:
        results = [_import(service, tenant, name, options, console) for name in names]
    finally:
        service.close()
    if options.json:
        console.say(msgspec.json.format(msgspec.json.encode({"value": results}), indent=2).decode())
    return 2 if any(result["problem"] for result in results) else 0


def _import(
    service: Service, tenant: Tenant, name: str, options: argparse.Namespace, console: Console
) -> dict[str, Any]:
    shown = "standard input" if name == STANDARD_INPUT else name
    try:
        result = _read(service.importer(tenant.tenant_id), name, shown, again=options.again, quiet=options.json)
    except BadInput as error:
        if not options.json:
            console.complain(f"{visible(shown)}: {error}", error.hint)
        return {"file": shown, "problem": str(error), "hint": error.hint}
    if not options.json:
        console.say("\n".join(_lines(result)))
    return result


def _read(importer: FileImporter, name: str, shown: str, *, again: bool, quiet: bool) -> dict[str, Any]:
    if name == STANDARD_INPUT:
        state, tally = importer.run(sys.stdin.buffer, "given:-", shown_name="", version="", again=True)
        return _result(shown, tally, state)
    path = Path(name)
    key = _key(path)
    known = importer.known(key)
    if known is not None and known.finished and not again:
        return {**_result(shown, Tally(), known), "already_imported_at": known.updated_at}
    with path.open("rb") as stream, _bar(stream, path.stat().st_size, shown, quiet=quiet) as on_batch:
        state, tally = importer.run(stream, key, shown_name=path.name, version=key, again=again, on_batch=on_batch)
    return _result(shown, tally, state)


def _key(path: Path) -> str:
    """Names a file by its content: a copy under another name is the same file."""
    with path.open("rb") as stream:
        return f"given:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


@contextlib.contextmanager
def _bar(stream: BinaryIO, size: int, shown: str, *, quiet: bool) -> Iterator[Callable[[Tally], None]]:
    """A bar on standard error that follows the bytes read; only where somebody is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    label = visible(shown)[-40:]
    with click.progressbar(length=size, label=label, file=sys.stderr, item_show_func=lambda at: at or "") as bar:

        def follow(tally: Tally) -> None:
            bar.update(max(0, stream.tell() - bar.pos), f"{tally.read:,} records")

        yield follow
        bar.update(size - bar.pos)


def _result(shown: str, tally: Tally, state: ImportedFile) -> dict[str, Any]:
    return {
        "file": shown,
        "read": tally.read,
        "sign_ins": tally.sign_ins,
        "stored": tally.stored,
        "changes": tally.changes,
        "unreadable": tally.unreadable,
        "examples": [{"place": example.place, "why": example.why} for example in tally.examples],
        "of_other_tenants": tally.other_tenant,
        "of_no_known_kind": tally.unknown,
        "older_than_retention": tally.too_old,
        "already_imported_at": None,
        "in_all": {"read": state.read, "stored": state.stored, "changes": state.changes},
        "problem": "",
        "hint": "",
    }


def _lines(result: dict[str, Any]) -> Iterator[str]:
    """The result in words; what was left out is said with its reason."""
    shown = visible(result["file"])
    if result["already_imported_at"] is not None:
        when = f"{result['already_imported_at']:%Y-%m-%d %H:%M} UTC"
        yield f"{shown}: imported already on {when}; --again reads it once more"
        return
    yield (
        f"{shown}: {result['read']:,} records read, {result['sign_ins']:,} of them sign-ins; "
        f"{result['stored']:,} new failures and {result['changes']:,} new changes stored"
    )
    for count, what in (
        (result["of_other_tenants"], "name another tenant and were left out"),
        (result["older_than_retention"], "failures are older than DIAG_RETENTION_DAYS and were left out"),
        (result["of_no_known_kind"], "are neither sign-ins nor audit records"),
        (result["unreadable"], "could not be read:"),
    ):
        if count:
            yield f"  {count:,} {what}"
    for example in result["examples"]:
        yield f"    {example['place']}: {visible(example['why'])}"


def _one(tenants: Sequence[Tenant]) -> Tenant:
    if len(tenants) > 1:
        known = ", ".join(tenant.label for tenant in tenants)
        raise BadInput("Which tenant do the records come from?", hint=f"Add --tenant and one of these: {known}.")
    return tenants[0]


def _distinct(names: Sequence[str]) -> list[str]:
    """Each file once, in the order given."""
    return list(dict.fromkeys(names))
