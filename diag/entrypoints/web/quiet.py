"""Why a credential raises no alert, as pages ask for it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from diag.bootstrap import Service
from diag.workflows.ports import StoredCredential, Transaction
from diag.workflows.quieting import Quieter

Reason = Callable[[StoredCredential], str]


def reasons(service: Service, stores: Transaction, found: Iterable[StoredCredential], now: datetime) -> Reason:
    """The reason of each credential found, empty where alerts are raised; good beyond the transaction."""
    quieter = Quieter(stores, service.translator, service.settings.config.alerts, now)
    told = {item: quiet.because for item in found if (quiet := quieter.reason(item)) is not None}
    return lambda item: told.get(item, "")
