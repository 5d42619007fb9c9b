"""Certificates of an authority that only these tests trust, and a message to deliver."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from diag.core.alerts import Action, Alert, Content, Fact, Item, Message
from tests.workflows.fakes import NOW


@pytest.fixture
def message() -> Message:
    return _message()


def _message(**changed: object) -> Message:
    alert = {
        "key": "tenant|o|k|7",
        "tenant_id": "contoso.example",
        "kind": "credential_ending",
        "app_id": "a",
        "app_name": "Orders & more",
        "subject": "Orders & more: client secret ends in 7 days",
        "body": "Application: Orders & more (a)\nEnd: 2026-11-29 10:00 UTC (in 7 days)\n",
        "link": "/applications/a?tenant_id=contoso.example",
        "due_at": NOW,
        "created_at": NOW,
        "id": "alert-1",
    } | changed
    return Message(
        id="5f0c3a52-0001-5000-8000-000000000001",
        alerts=(Alert(**alert),),  # type: ignore[arg-type]
        public_url="https://diag.contoso.example",
        sample=False,
    )


@pytest.fixture
def rich() -> Message:
    """One alert as data, for a reader in Zurich, who may act from the message."""
    return named("Orders & more")


def named(name: str, number: int = 0, **changed: object) -> Message:
    """A message as the service writes it, with ``name`` wherever a name chosen by others may stand."""
    content = Content(
        facts=(
            Fact(label="Application", text=f"{name} (a)"),
            Fact(label="Credential", text=f"client secret “{name}”"),
            Fact(label="End", at=NOW + datetime.timedelta(days=7), text="in 7 days"),
        ),
        items=(Item(text=f"{name} too", link="/applications/b", at=NOW),),
        steps=("Add a new one.", f"Give its value to {name}."),
        note=f"You own {name}.",
    )
    made = _message(
        key=f"tenant|o|k{number}|7",
        topic=f"tenant|o|k{number}",
        id=f"alert-{number}",
        app_name=name,
        subject=f"{name}: client secret ends in 7 days",
        body="",
        content=content,
        **changed,
    )
    actions = (
        Action("Acknowledge", f"{made.public_url}/act/1"),
        Action("Snooze for a week", f"{made.public_url}/act/2"),
    )
    return replace(made, actions=actions, zone="Europe/Zurich")


def several(number: int, name: str = "Orders & more") -> Message:
    """As many alerts in one message."""
    made = named(name)
    alerts = tuple(named(f"{name} {one}", one).alert for one in range(number))
    return replace(made, alerts=alerts, actions=())


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ca.pem``, and ``good.pem`` and ``other.pem``: for this machine, and for another host."""
    folder = tmp_path_factory.mktemp("authority")
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    ca = _certificate(ca_name, ca_key.public_key(), ca_name, ca_key, None)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    for name, subjects in (("good", here), ("other", [x509.DNSName("elsewhere.example")])):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = _certificate(subject, key.public_key(), ca_name, ca_key, subjects)  # type: ignore[arg-type]
        (folder / f"{name}.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
    return folder


def _certificate(
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName] | None,
) -> x509.Certificate:
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1))  # noqa: DTZ001  the library takes naive UTC
        .not_valid_after(datetime.datetime(2090, 1, 1))  # noqa: DTZ001
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
    )
    if names is not None:
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(key, hashes.SHA256())


@pytest.fixture
def trusted(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder; its authority is trusted for the length of the test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    return authority


def server_context(folder: Path, name: str) -> ssl.SSLContext:
    """A server's TLS with one of the folder's certificates."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f"{name}.pem")
    return context
