"""Microsoft Graph for one tenant, ready to be asked."""

import random
from typing import Literal

import httpx

from diag.adapters.graph.audit_log import GraphAuditLog
from diag.adapters.graph.client import GraphClient
from diag.adapters.graph.credentials import CredentialChoice, Tokens, token_source
from diag.adapters.graph.directory import GraphDirectory
from diag.adapters.graph.sign_in_log import GraphSignInLog
from diag.adapters.graph.throttle import Budgets
from diag.workflows.ports import Clock
from diag.workflows.watch_tenant import TenantSources

_TIMEOUT = httpx.Timeout(300.0, connect=30.0)
"""Seconds; the sign-in log has been seen to stall for minutes before it answers (facts: paging and time-outs)."""


def connect(
    choice: CredentialChoice, graph_url: str, authority: str, api_version: Literal["beta", "v1.0"], clock: Clock
) -> TenantSources:
    """The sources of the tenant the credential belongs to; nothing is sent yet."""
    http = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False)
    client = GraphClient(
        tenant_id=choice.tenant_id,
        graph_url=graph_url,
        tokens=Tokens(token_source(choice, graph_url, authority, http, clock), clock),
        http=http,
        budgets=Budgets(clock),
        clock=clock,
        jitter=random.SystemRandom().random,
    )
    return TenantSources(
        tenant_id=choice.tenant_id,
        sign_ins=GraphSignInLog(client, clock, api_version),
        directory=GraphDirectory(client),
        audit=GraphAuditLog(client),
        close=http.aclose,
        connection=client.observed.connection,
    )
