"""Invented secrets of every kind, and the dresses in which people paste them."""

import base64
import html
import json
import random
import string
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

URL64 = string.ascii_letters + string.digits + "-_"
B64 = string.ascii_letters + string.digits + "+/"
ALNUM = string.ascii_letters + string.digits


def _some(rng: random.Random, letters: str, length: int) -> str:
    return "".join(rng.choice(letters) for _ in range(length))


def _jwt(rng: random.Random) -> str:
    head = base64.urlsafe_b64encode(b'{"typ":"JWT","alg":"RS256","kid":"k1"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"aud": _some(rng, ALNUM, 30), "sub": _some(rng, ALNUM, 60)}).encode())
    return f"{head}.{body.decode().rstrip('=')}.{_some(rng, URL64, 342)}"


def _pem(rng: random.Random) -> str:
    lines = [_some(rng, B64, 64) for _ in range(6)] + [_some(rng, B64, 22) + "=="]
    return "-----BEGIN PRIVATE KEY-----\n" + "\n".join(lines) + "\n-----END PRIVATE KEY-----"


def _assertion(rng: random.Random) -> str:
    value = _some(rng, B64, 120)
    return (
        '<saml:Assertion ID="_1" Version="2.0"><ds:Signature><ds:SignatureValue>'
        f"{value}</ds:SignatureValue></ds:Signature><saml:Subject>{_some(rng, ALNUM, 40)}</saml:Subject>"
        "</saml:Assertion>"
    )


def secrets(rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """(kind, name under which it is pasted or "", the secret)."""
    jwt = _jwt(rng)
    yield "access token", "access_token", jwt
    yield "id token", "id_token", _jwt(rng)
    yield "bare token", "", _jwt(rng)
    yield "client assertion", "client_assertion", _jwt(rng)
    yield "on-behalf-of assertion", "assertion", _jwt(rng)
    yield "refresh token", "refresh_token", "0.AXoA" + _some(rng, URL64, 400)
    yield "newer refresh token", "refresh_token", "1.AVwA" + _some(rng, URL64, 420) + "." + _some(rng, URL64, 86)
    yield "bare refresh token", "", "0.ARoA" + _some(rng, URL64, 300)
    yield (
        "personal refresh token",
        "refresh_token",
        "M.C5" + _some(rng, string.digits, 2) + "_BAY.0.U.-" + _some(rng, ALNUM, 200),
    )
    yield "older refresh token", "refreshToken", "OAQABAAAAAA" + _some(rng, URL64, 300)
    yield "authorization code", "code", "0.AXoA" + _some(rng, URL64, 200)
    yield "opaque code", "code", _some(rng, URL64, 44)
    yield "device code", "device_code", "CAQABAAEAAA" + _some(rng, URL64, 180)
    yield "code verifier", "code_verifier", _some(rng, URL64, 64)
    yield "client secret", "client_secret", _some(rng, ALNUM, 3) + "8Q~" + _some(rng, ALNUM + "_.-", 34)
    yield "bare client secret", "", _some(rng, ALNUM, 3) + "8Q~" + _some(rng, ALNUM + "_.-", 34)
    yield "next year's client secret", "clientSecret", _some(rng, ALNUM, 3) + "7Q~" + _some(rng, ALNUM + "_.~-", 34)
    yield "older client secret", "client_secret", _some(rng, ALNUM + "+/*:?@]", 43) + "="
    yield "secret in the environment", "AZURE_CLIENT_SECRET", _some(rng, ALNUM + "_.-", 34)
    yield "password", "password", _some(rng, ALNUM + "!$*", 14)
    yield "private key", "", _pem(rng)
    yield "key file", "", "MIIKcQIBAzCCCi0GCSqGSIb3DQEHAaCC" + _some(rng, B64, 700) + "=="
    yield (
        "SAML response",
        "SAMLResponse",
        base64.b64encode(f"<samlp:Response {_some(rng, ALNUM, 300)}>".encode()).decode(),
    )
    yield "assertion", "", _assertion(rng)
    yield "storage key", "AccountKey", _some(rng, B64, 86) + "=="
    yield "bus key", "SharedAccessKey", _some(rng, B64, 43) + "="
    yield "session cookie", "ESTSAUTH", "0.AXoA" + _some(rng, URL64, 260)
    yield "lasting session cookie", "ESTSAUTHPERSISTENT", "1.AXoA" + _some(rng, URL64, 260)
    yield "application cookie", ".AspNetCore.Cookies", "CfDJ8" + _some(rng, URL64, 300)
    yield "chat bot token", "", f"xoxb-{_some(rng, string.digits, 12)}-{_some(rng, ALNUM, 24)}"
    yield "repository token", "", "ghp_" + _some(rng, ALNUM, 36)
    yield "fine repository token", "", "github_pat_" + _some(rng, ALNUM, 22) + "_" + _some(rng, ALNUM, 59)
    yield "webhook key", "", "whsec_" + _some(rng, B64, 32)
    yield "api key", "api_key", _some(rng, ALNUM, 32)
    yield "opaque token", "access_token", "EwB" + _some(rng, B64, 300) + "=="


def dresses(name: str, secret: str) -> Iterator[tuple[str, str]]:
    """(dress, text): the secret as people paste it, between a message and its identifiers."""
    label = name or "value"
    yield "plain", f"{label}={secret}" if name else secret
    yield "colon", f"{label}: {secret}"
    yield "end of a sentence", f"we use {label} = {secret}\nand it fails"
    yield "json", json.dumps({"grant_type": "x", label: secret, "scope": "openid"})
    yield "json with line breaks", json.dumps({"grant_type": "x", label: secret, "scope": "openid"}, indent=2)
    yield "json in json", json.dumps({"log": json.dumps({label: secret, "tenant": "t"})})
    yield "python", repr({"grant_type": "x", label: secret, "scope": "openid"})
    yield "form", f"grant_type=x&{label}={quote_plus(secret)}&scope=openid" if name else quote_plus(secret)
    yield "percent", quote(f"grant_type=x&{label}={secret}&scope=openid", safe="")
    yield "har", json.dumps({"params": [{"name": label, "value": secret}, {"name": "scope", "value": "openid"}]})
    yield "har percent", json.dumps({"params": [{"name": label, "value": quote(secret, safe="")}]})
    yield "html", html.escape(json.dumps({label: secret}))
    yield "quoted", f"{label} '{secret}'" if not name else f"{label}='{secret}'"
    yield "xml", f'<add key="{label}" value="{html.escape(secret)}" />'
    yield "log line", f"2026-11-20 10:00:01 ERROR request failed {label}={secret} status=400"
    if name != "password":
        yield "wrapped", f"{label}={_wrapped(secret, 76)}\nnext line of text"
        yield (
            "wrapped and indented",
            f"{label}=\n    " + _wrapped(secret, 64).replace("\n", "\n    ") + "\nnext line of text",
        )
        yield "wrapped in json", json.dumps({label: _wrapped(secret, 76)})


def fixed_forms(rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """(kind, secret, text) for what has one form only."""
    token = _some(rng, URL64, 48)
    yield "header", token, f"Authorization: Bearer {token}\nHost: graph.contoso.example"
    yield "header in a shell", token, f"curl -H 'Authorization: Bearer {token}' https://api.contoso.example"
    yield "header in json", token, json.dumps({"headers": {"Authorization": f"Bearer {token}"}})
    yield "header in a har", token, json.dumps({"name": "Authorization", "value": f"Bearer {token}"})
    basic = base64.b64encode(f"4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01:{token}".encode()).decode()
    yield "basic", basic, f"authorization: Basic {basic}"
    yield "cookies", token, f"Cookie: a=b; session={token}; theme=dark\nAccept: */*"
    yield "cookies in a har", token, json.dumps({"name": "Cookie", "value": f"a=b; session={token}"})
    yield "set cookie", token, f"Set-Cookie: ESTSAUTHLIGHT=+{token}; path=/; secure"
    yield "address", "Winter2026!", "https://admin:Winter2026!@repo.contoso.example/x"
    yield "encoded address", "Winter2026", "https%3A%2F%2Fadmin%3AWinter2026%40repo.contoso.example%2Fx"
    sig = quote(_some(rng, B64, 43) + "=", safe="")
    yield "shared access", sig, f"https://files.contoso.example/c/b.txt?sv=2024-08-04&se=2026-12-01&sr=b&sp=r&sig={sig}"
    yield (
        "bus shared access",
        sig,
        f"SharedAccessSignature sr=https%3a%2f%2fbus.contoso.example&sig={sig}&se=1767225600&skn=root",
    )
    yield (
        "database",
        "Pa55-word;",
        "Server=tcp:sql.contoso.example;User ID=app;Password=Pa55-word;Encrypt=True"[:-13] + "Encrypt=True",
    )
    yield (
        "hook",
        "T0000AAAA/B1111BBBB/",
        f"https://hooks.slack.com/services/T0000AAAA/B1111BBBB/{_some(rng, ALNUM, 24)}",
    )
    yield "command line", token, f"az login --service-principal -u app --password {token} --tenant contoso.example"
    yield "short option", token, f"az login --service-principal -u app -p {token} --tenant contoso.example"
    yield "form part", token, f'Content-Disposition: form-data; name="client_secret"\r\n\r\n{token}\r\n--boundary'
    yield "yaml", token, f"env:\n  - name: AZURE_CLIENT_SECRET\n    value: {token}\n"
    yield "toml", token, f'[azure]\nclient_secret = "{token}"\n'


def _wrapped(text: str, width: int) -> str:
    if "\n" in text:
        return text
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))
