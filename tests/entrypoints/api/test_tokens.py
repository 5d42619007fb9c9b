"""Token inspection over the API: claims only, and nothing of a signature is read, kept or given back."""

import base64
import json
from typing import Any

import httpx
import pytest

URL = "/api/v1/tokens/inspect"
CLIENT = "11111111-1111-4111-8111-111111111111"
SIGNATURE = "c2lnbmF0dXJlLWNhbmFyeQ"
CLAIMS: dict[str, Any] = {
    "aud": "https://graph.microsoft.com",
    "iss": "https://sts.windows.net/22222222-2222-4222-8222-222222222222/",
    "scp": "User.Read",
    "appid": CLIENT,
    "exp": 4102444800,
}


def part(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


UNSIGNED = f"{part({'typ': 'JWT', 'alg': 'RS256'})}.{part(CLAIMS)}"


async def test_claims_are_explained(api: httpx.AsyncClient) -> None:
    found = (await api.post(URL, json={"claims": CLAIMS, "header": {"alg": "RS256", "nonce": "x"}})).json()
    assert (found["kind"], found["api"], found["expired"]) == ("delegated", "Microsoft Graph", False)
    assert found["causes"] == [], "a token for Graph is right where Graph is called"
    assert all(item.keys() == {"about", "weight", "text"} for item in found["statements"])


async def test_what_the_api_expects_names_the_cause_of_its_refusal(api: httpx.AsyncClient) -> None:
    found = (await api.post(URL, json={"claims": CLAIMS, "expected_audience": f"api://{CLIENT}"})).json()
    (cause,) = found["causes"]
    assert (cause["symptom"], cause["id"]) == ("api-rejects-token", "api-token-wrong-audience")
    entry = (await api.get(f"/api/v1/codes/{cause['symptom']}")).json()
    assert cause["id"] in [item["id"] for item in entry["causes"]]


@pytest.mark.parametrize("token", [UNSIGNED, f"{UNSIGNED}.", f"Bearer {UNSIGNED}"])
async def test_a_token_without_its_signature_is_read(api: httpx.AsyncClient, token: str) -> None:
    assert (await api.post(URL, json={"token": token})).json()["kind"] == "delegated"


@pytest.mark.parametrize("form", ["{}", "Bearer {}", '{{"access_token": "{}"}}', " {}\n"])
async def test_a_signature_is_refused_with_how_to_cut_it_and_is_not_given_back(
    api: httpx.AsyncClient, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await api.post(URL, json={"token": form.format(f"{UNSIGNED}.{SIGNATURE}")})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/signed-token")
    assert "second dot" in answer.json()["hint"]
    for text in (answer.text, caplog.text):
        assert SIGNATURE not in text
        assert part(CLAIMS) not in text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "one of the two"),
        ({"claims": CLAIMS, "token": UNSIGNED}, "one of the two"),
        ({"token": UNSIGNED, "header": {}}, "brings its own"),
        ({"token": "a.b.c.d.e"}, "encrypted"),
        ({"token": "EwBopaque"}, "no JSON Web Token"),
        ({"token": ""}, "no token"),
        ({"token": f"{part({'alg': 'none'})}.{part('[1]')}"}, "no JSON object"),
        ({"token": f"{part({'alg': 'none'})}.{part('{')}"}, "cut off"),
        ({"token": f"{part({'alg': 'none'})}.{part('[' * 90_000)}"}, "cut off"),
        ({"token": part('{"aud": "a", "aud": "b"}') + "." + part({})}, "twice"),
        ({"token": "x" * 300_000}, "too long"),
        ({"claims": []}, "claims"),
        ({"signature": SIGNATURE, "claims": CLAIMS}, "unknown field"),
    ],
)
async def test_what_cannot_be_read_is_one_sentence(api: httpx.AsyncClient, body: dict[str, Any], words: str) -> None:
    answer = await api.post(URL, json=body)
    assert answer.status_code in (413, 422)
    if answer.status_code == 422:
        assert words in answer.json()["detail"]
    assert SIGNATURE not in answer.text


async def test_nothing_of_a_token_reaches_the_disk(api: httpx.AsyncClient, tmp_path: Any) -> None:
    await api.post(URL, json={"claims": {**CLAIMS, "aud": "api://canary-7f3a.contoso.example"}})
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"canary-7f3a" not in file.read_bytes()
