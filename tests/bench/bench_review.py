"""Every check put to the stored registrations of a tenant."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.adapters.graph.wire.registration import details, whole_object
from diag.adapters.graph.wire.stored import StoredFacts
from diag.adapters.kb_files.store import open_knowledge_base
from diag.workflows.ports import Progress
from diag.workflows.review import Reviewer

APPLICATIONS = 1000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"


def bench_review(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(url)
    database = SqlDatabase(url)
    with database.write() as stores:
        for number in range(APPLICATIONS):
            app_id, object_id = (f"{number:08d}-000{kind}-4000-8000-000000000000" for kind in (1, 2))
            stores.registrations.put(TENANT, [whole_object("application", _application(app_id, object_id))], NOW)
            stores.registrations.put(TENANT, [details("owners", object_id, app_id, [])], NOW)
        stores.progress.save(Progress(tenant_id=TENANT, source="applications", succeeded_at=NOW))
    knowledge_base = open_knowledge_base()
    with database.read() as stores:
        reviewer = Reviewer(stores, knowledge_base, StoredFacts(), NOW)
        started, busy = time.perf_counter(), time.process_time()
        found = list(reviewer.all(TENANT))
        taken, busy = time.perf_counter() - started, time.process_time() - busy
    database.close()
    held = sum(len(one.review.held) for one in found)
    spent = f"{taken:.1f} s, {busy:.1f} s of them on the processor"
    print(f"\na review           {len(found)} applications in {spent}; {held} findings")


def _application(app_id: str, object_id: str) -> dict[str, Any]:
    return {
        "id": object_id,
        "appId": app_id,
        "displayName": f"Application {app_id[:8]}",
        "signInAudience": "AzureADMyOrg",
        "web": {"redirectUris": ["https://orders.contoso.example/cb"], "implicitGrantSettings": {}},
        "spa": {"redirectUris": ["http://localhost:3000/"]},
        "publicClient": {"redirectUris": []},
        "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []},
        "appRoles": [],
        "requiredResourceAccess": [],
        "passwordCredentials": [
            {"keyId": app_id, "startDateTime": "2026-01-10T00:00:00Z", "endDateTime": "2027-01-10T00:00:00Z"}
        ],
        "keyCredentials": [],
    }
