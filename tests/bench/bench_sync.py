"""The first full reading of a large directory."""

import json
from pathlib import Path

from tests.bench.bench_collect import measured
from tests.bench.sample import sample_tenant

APPLICATIONS = 10_000
"""The sample tenant makes two service principals for each."""


def bench_first_sync(tmp_path: Path) -> None:
    with sample_tenant("--applications", str(APPLICATIONS), "--sign-ins", "0", "--story-speed", "0") as connection:
        given = json.dumps({name: getattr(connection, name) for name in connection.__struct_fields__})
        told = measured("tests.bench.sync_sample", given, f"sqlite:///{tmp_path}/diag.db")
    applications, principals = told["application"], told["service_principal"]
    print(f"\nfirst sync          {applications:,.0f} applications, {principals:,.0f} service principals")
    print(f"took                {told['own']:.1f} s of our own, {told['seconds']:.1f} s with the sample tenant's")
    print(f"memory              {told['resident_mb']:.0f} MB resident")
    assert told["application"] >= APPLICATIONS
    assert told["own"] < 60
