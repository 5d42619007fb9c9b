"""The errors this project raises, as a tree.

DiagError                      carries ``hint``: one sentence on what to do
├── BadInput                   what a person gave cannot be used
├── SettingsError              one or several settings are wrong; all are named at once
├── KnowledgeBaseError         an entry or overlay is wrong; carries path and line
├── StoreError                 the database cannot be used
│   └── NewerDatabase          it was written by a newer version
├── SourceError                Graph could not be read; the workflow turns it into ``Unread``
│   ├── PermissionLost         a permission is not granted
│   ├── LicenceMissing         the tenant has no licence for the log
│   ├── AuthenticationFailed   no token could be had
│   ├── Throttled              asked to wait; carries ``retry_after`` in seconds
│   ├── WindowRefused          the time window, page token or filter was refused: read the window anew
│   ├── NotOffered             this cloud or version of Graph has no such path
│   ├── NotFound               the directory says there is no such object
│   ├── ForeignLink            a nextLink pointed to another host
│   └── Unreachable            network fault, 5xx, HTML or truncated JSON; worth another try
└── NotifyError                a message was not taken; ``permanent`` says whether trying again can help
"""


class DiagError(Exception):
    """Root of the tree; ``hint`` says in one sentence what to do."""

    hint = "Look at the message above and try again."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class BadInput(DiagError):
    hint = "Correct the input and try again."


class SettingsError(DiagError):
    hint = "Correct the settings named above; `diag settings` shows what is in force."

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class KnowledgeBaseError(DiagError):
    hint = "Correct the file at the place named; `diag kb check` checks all of them."

    def __init__(self, path: str, line: int | None, problem: str) -> None:
        super().__init__(f"{path}{f':{line}' if line else ''}: {problem}")
        self.path, self.line, self.problem = path, line, problem


class StoreError(DiagError):
    hint = "Check that the database file is there, writable and not locked by another process."


class NewerDatabase(StoreError):
    hint = "Start the version that wrote it, or restore a backup made before the upgrade."


class SourceError(DiagError):
    hint = "The collector tries again by itself; `diag doctor` shows what is missing."


class PermissionLost(SourceError):
    def __init__(self, message: str, *, permission: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint or f"Grant {permission or 'the permission'} to this service's application.")
        self.permission = permission


class LicenceMissing(SourceError):
    hint = "Sign-in logs through Microsoft Graph need Entra ID P1 or P2 in the tenant."


class AuthenticationFailed(SourceError):
    hint = "Check DIAG_TENANT_ID, DIAG_CLIENT_ID and this service's credential."


class Throttled(SourceError):
    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message, hint="The collector waits and tries again by itself.")
        self.retry_after = retry_after


class WindowRefused(SourceError):
    hint = "The collector reads the window anew by itself."


class NotOffered(SourceError):
    hint = "This cloud does not offer the path; see DIAG_GRAPH_URL and the API version."


class NotFound(SourceError):
    hint = "The object is not in this directory."


class ForeignLink(SourceError):
    hint = "A page named another host as its continuation; nothing was sent there. Check DIAG_GRAPH_URL and any proxy."


class Unreachable(SourceError):
    hint = "Check the network to Microsoft Graph; the collector tries again by itself."


class NotifyError(DiagError):
    """A channel did not take a message. ``permanent``: to repeat this message is no use. ``disables``: nor is any other
    on this channel until somebody changes it, such as when its address is gone."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        retry_after: float | None = None,
        hint: str | None = None,
        disables: bool = False,
    ) -> None:
        super().__init__(message, hint=hint or "Check the channel's settings; `send test` shows its answer.")
        self.permanent, self.retry_after, self.disables = permanent, retry_after, disables
