"""Changing lists of strings on an application in every tool, without losing what is in them.

Graph replaces a list whole. az and PowerShell therefore read it at the moment of running, add and take away, write, and
compare what is there afterwards; the static forms carry the list as it was read, and are withheld when it was not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from diag.core.facts import Facts, read
from diag.core.read import Found, Missing, Read
from diag.core.remedies import fixing, graph
from diag.core.remedies.quoting import bicep, hcl, jmespath, posix, powershell_list
from diag.core.remedies.subject import Subject, moment, whole
from diag.core.remedy import Commands, GraphRequest, Unavailable


class StringList(Struct, frozen=True):
    """One list of strings that an application holds."""

    fact: str
    path: tuple[str, ...]
    """Graph's names from the application down, for example ``("web", "redirectUris")``."""
    terraform: tuple[str, str]
    """Block (empty at the top) and attribute of ``azuread_application``."""
    what: str
    """The list in words, for example ``Web redirect URIs``."""


WEB = StringList(
    "application.web_redirect_uris", ("web", "redirectUris"), ("web", "redirect_uris"), "Web redirect URIs"
)
SPA = StringList(
    "application.spa_redirect_uris",
    ("spa", "redirectUris"),
    ("single_page_application", "redirect_uris"),
    "Single-page application redirect URIs",
)
PUBLIC_CLIENT = StringList(
    "application.public_client_redirect_uris",
    ("publicClient", "redirectUris"),
    ("public_client", "redirect_uris"),
    "Mobile and desktop redirect URIs",
)
IDENTIFIER_URIS = StringList(
    "application.identifier_uris", ("identifierUris",), ("", "identifier_uris"), "Application ID URIs"
)
KNOWN_CLIENTS = StringList(
    "application.known_clients",
    ("api", "knownClientApplications"),
    ("api", "known_client_applications"),
    "known client applications",
)


class Edit(Struct, frozen=True):
    """What is to be in the list and what is not to be in it any more."""

    place: StringList
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def reverse(self) -> "Edit":
        return Edit(self.place, self.remove, self.add)

    def of(self, current: Sequence[str]) -> list[str]:
        kept = [entry for entry in current if entry not in self.add and entry not in self.remove]
        return [*kept, *self.add]


def edit_commands(
    facts: Facts, subject: Subject, edits: tuple[Edit, ...], portal: str, *, undo: bool = False
) -> Commands:
    """One change of one or several lists, in one PATCH. With ``undo`` the edits are already reversed, and the static
    forms carry the lists as they were read, which is what undoing restores.
    """
    return fixing.commands(
        az=lambda: _az(subject, edits),
        graph=lambda: _graph(facts, subject, edits, undo),
        powershell=lambda: _powershell(subject, edits),
        bicep=lambda: _declared(facts, edits, undo, bicep_fragment),
        terraform=lambda: _declared(facts, edits, undo, terraform_fragment),
        portal=portal,
    )


def read_note(facts: Facts, edits: tuple[Edit, ...]) -> str:
    """A sentence on how old the lists in the static forms are; empty when there are none."""
    lists = [read(facts, edit.place.fact) for edit in edits]
    if not all(isinstance(found, Found) and not isinstance(whole(found, ""), Unavailable) for found in lists):
        return ""
    times = dict.fromkeys(moment(found.as_of) for found in lists if isinstance(found, Found))
    return (
        f"The Graph, Bicep and Terraform forms carry the whole list {' and '.join(times)}; read it again if it may "
        f"have "
        "changed since."
    )


def bicep_fragment(properties: Mapping[str, Any], as_of: str) -> str:
    """Properties for the Bicep resource that already manages the application."""
    head = (
        "// A fragment, not a resource: merge it into the existing Microsoft.Graph/applications resource for this "
        f"application.{as_of}"
    )
    return "\n".join([head, *(f"{name}: {bicep(part)}" for name, part in properties.items())])


def terraform_fragment(blocks: Mapping[str, Mapping[str, Any]], as_of: str) -> str:
    """Blocks for the Terraform resource that already manages the application; the block named "" is the resource
    itself."""
    lines = [
        "# A fragment, not a resource: merge it into the existing azuread_application resource for this "
        f"application.{as_of}"
    ]
    for block, attributes in blocks.items():
        lines += _block(block, attributes) if block else _attributes(attributes, 0)
    return "\n".join(lines)


def _block(name: str, attributes: Mapping[str, Any], indent: int = 0) -> list[str]:
    return [f"{' ' * indent}{name} {{", *_attributes(attributes, indent + 2), f"{' ' * indent}}}"]


def _attributes(attributes: Mapping[str, Any], indent: int) -> list[str]:
    """Attributes as assignments; a mapping is a nested block, a list of mappings is that block several times."""
    lines: list[str] = []
    for name, part in attributes.items():
        if isinstance(part, Mapping):
            lines += _block(name, part, indent)
        elif isinstance(part, list) and part and isinstance(part[0], Mapping):
            lines += [line for inner in part for line in _block(name, inner, indent)]
        else:
            lines.append(f"{' ' * indent}{name} = {hcl(part, indent)}")
    return lines


def _changed(edit: Edit) -> str:
    """JMESPath for the list after the edit."""
    path = ".".join(edit.place.path)
    kept = f"{path}[?!contains({jmespath(edit.add + edit.remove)}, @)] || `[]`"
    return f"[{kept}, {jmespath(edit.add)}][]"


def _az(subject: Subject, edits: tuple[Edit, ...]) -> str:
    names = [f"list{number}" for number in range(1, len(edits) + 1)]
    changed = [f"{name}={posix(_changed(edit))}" for name, edit in zip(names, edits, strict=True)]
    wanted = ", ".join(f"sort(${{{name}}})" for name in names)
    present = ", ".join(f"sort({'.'.join(edit.place.path)} || `[]`)" for edit in edits)
    body = ", ".join(
        f"{edit.place.path[0]}: ${{{name}}}"
        if len(edit.place.path) == 1
        else f"{edit.place.path[0]}: {{{edit.place.path[1]}: ${{{name}}}}}"
        for name, edit in zip(names, edits, strict=True)
    )
    read = 'az rest --method GET --url "$url" --output json --query'
    return graph.guarded(
        f"url={posix(graph.application_url(subject))}",
        *changed,
        f'wanted=$({read} "[{wanted}]")',
        f'body=$({read} "{{{body}}}")',
        f'az rest --method PATCH --url "$url" {graph.JSON_HEADER} --body "$body"',
        "for attempt in 1 2 3 4 5 6; do",
        f"  present=$({read} '[{present}]')",
        '  if [ "$present" = "$wanted" ]; then echo "Saved and read back."; exit 0; fi',
        "  sleep 5",
        "done",
        'echo "The directory holds something else than was written: look at it before you go on." >&2',
        "exit 1",
    )


def _graph(
    facts: Facts, subject: Subject, edits: tuple[Edit, ...], undo: bool
) -> tuple[GraphRequest, ...] | Unavailable:
    lists = _lists(facts, edits, undo)
    if isinstance(lists, Unavailable):
        return lists
    body: dict[str, Any] = {}
    for edit, (entries, _) in zip(edits, lists, strict=True):
        _put(body, edit.place.path, entries)
    url = graph.application_url(subject)
    return (graph.request("GET", url), graph.request("PATCH", url, body))


def _powershell(subject: Subject, edits: tuple[Edit, ...]) -> str:
    lines = list(graph.one_application(subject))
    arguments: list[str] = []
    checks: list[str] = []
    for number, edit in enumerate(edits, start=1):
        name, add, drop = f"$list{number}", f"$add{number}", f"$drop{number}"
        path = ".".join(part[0].upper() + part[1:] for part in edit.place.path)
        lines += [
            f"{add} = {powershell_list(edit.add)}",
            f"{drop} = {powershell_list(edit.remove)}",
            f"{name} = @($app.{path} | Where-Object {{ $_ -and ({add} + {drop}) -cnotcontains $_ }}) + {add}",
        ]
        parameter, _, inner = path.partition(".")
        arguments.append(f"-{parameter} @{{ {inner} = {name} }}" if inner else f"-{parameter} {name}")
        checks += [
            f"$present = @($after.{path} | Where-Object {{ $_ }})",
            f"if (Compare-Object -CaseSensitive {name} $present) "
            "{ throw 'The directory holds something else than was written: look at it before you go on.' }",
        ]
    lines += [
        f"Update-MgApplication -ApplicationId $app.Id {' '.join(arguments)}",
        "$after = Get-MgApplication -ApplicationId $app.Id",
        *checks,
    ]
    return graph.connected(*lines)


def _declared(facts: Facts, edits: tuple[Edit, ...], undo: bool, render: Any) -> str | Unavailable:
    lists = _lists(facts, edits, undo)
    if isinstance(lists, Unavailable):
        return lists
    properties: dict[str, Any] = {}
    for edit, (entries, _) in zip(edits, lists, strict=True):
        path = edit.place.path if render is bicep_fragment else edit.place.terraform
        if render is bicep_fragment:
            _put(properties, path, entries)
        else:
            properties.setdefault(path[0], {})[path[1]] = entries
    times = " and ".join(dict.fromkeys(moment(found.as_of) for _, found in lists))
    return str(render(properties, f" The list is {times}."))


def _lists(facts: Facts, edits: tuple[Edit, ...], undo: bool) -> list[tuple[list[str], Found[Any]]] | Unavailable:
    if isinstance(facts.application.exists, Missing):
        return Unavailable("the application was not found in this directory, so it has no lists to carry along")
    lists: list[tuple[list[str], Found[Any]]] = []
    for edit in edits:
        fact: Read[Any] = read(facts, edit.place.fact)
        found = whole(fact, edit.place.what)
        if isinstance(found, Unavailable):
            return found
        lists.append((list(found.value) if undo else edit.of(found.value), found))
    return lists


def _put(target: dict[str, Any], path: tuple[str, ...], entries: list[str]) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = entries
