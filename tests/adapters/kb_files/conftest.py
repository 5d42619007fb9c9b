"""A small knowledge base of its own, so that these tests do not move with the real one."""

from collections.abc import Callable
from pathlib import Path

import pytest

FAMILIES = """families:
  - {id: redirect-uri, title: Redirect URI, shares: The addresses do not fit.}
  - {id: consent, title: Consent, shares: Nobody has agreed.}
"""
FIXTURES = """web-app:
  request: {flow: authorization_code, client_id: 4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01}
  registration: {application: {displayName: Order Desk, web: {redirectUris: ["https://orders.contoso.example/cb"]}}}
"""
CAUSES = "device-flow-blocked\nfirst-consent-missing\nredirect-uri-not-registered\ntls-proxy-http-scheme\n"
ENTRY = """entry: 1
code: 50011
name: InvalidReplyTo
family: redirect-uri
kind: failure
status: test
summary: The address is not listed.
sources:
  - {url: "https://learn.microsoft.com/entra/x", checked: 2026-11-22}
read_from_text:
  - "redirect URI '(?P<redirect_uri>[^']{1,2048})' specified"
wordings:
  newer: ["redirect URI"]
  older: ["reply address"]
questions:
  behind-proxy: Does a proxy end TLS?
samples:
  - {text: "AADSTS50011: The redirect URI 'https://a.example' specified", gives: {redirect_uri: "https://a.example"}}
causes:
  - id: tls-proxy-http-scheme
    title: The client uses the device flow
    when: {all: [{client.uses_flow: {flows: [device_code]}}, {asked: behind-proxy}]}
    confidence: likely
    commonness: common
    fixed_by: developer
    root_cause: "The flow is {flow} of {application}."
    confirm: [Look at it.]
    fix: [{remedy: by_hand, do: Do it., who: developer}]
  - id: redirect-uri-not-registered
    title: The message is of the older kind
    when: {text.has_wording: {name: older}}
    confidence: likely
    commonness: rare
    fixed_by: admin
    root_cause: It is old.
    confirm: [{do: Look., expect: It is old.}]
    fix: [{remedy: by_hand, do: Do it., who: admin}]
cases:
  - name: device
    from: web-app
    request: {flow: device_code}
    answers: {behind-proxy: true}
    expect: tls-proxy-http-scheme
  - {name: older, from: web-app, text: "AADSTS50011 reply address", expect: redirect-uri-not-registered}
  - {name: bare, expect: undetermined, needs: [failure.flow]}
"""
CATALOGUE = """catalogue: 1
family: consent
sources: [{url: "https://learn.microsoft.com/entra/y", checked: 2026-11-20}]
codes:
  - code: 65004
    name: UserDeclinedConsent
    kind: user-error
    meaning: The user said no.
    cause: {text: The person closed the consent page or declined.}
    confirm: Ask the person.
    fix: Sign in again and accept.
    fixed_by: user
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a knowledge base of two codes in which everything is right."""
    kb = tmp_path / "kb"
    for name, content in {
        "families.yaml": FAMILIES,
        "fixtures/registrations.yaml": FIXTURES,
        "schema/causes.txt": CAUSES,
        "codes/redirect-uri/AADSTS50011.yaml": ENTRY,
        "codes/consent/_catalogue.yaml": CATALOGUE,
    }.items():
        path = kb / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return kb
