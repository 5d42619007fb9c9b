"""Pages over HTTP, without a browser."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.entrypoints.web.conftest import Site
from tests.entrypoints.web.hostile import PAYLOADS
from tests.entrypoints.web.seed import NOW, OTHER_TENANT, TENANT, UNKNOWN_CODE, guid

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_NEVER = {"iframe", "object", "embed", "style", "base", "img", "video", "math", "template"}
_URLS = {"href", "src", "action", "formaction", "data", "xlink:href"}


class Outline(HTMLParser):
    """Tags with their attributes, and the text outside of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(1 for name, _ in self.tags if name == tag)


def test_every_page_answers_with_one_heading_and_the_strict_policy(site: Site) -> None:
    for name, path in site.pages.items():
        answer = site.get(path)
        assert answer.status_code == (404 if name == "not found" else 200), name
        assert Outline(answer.text).count("h1") == 1, name
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert answer.headers["x-content-type-options"] == "nosniff", name


def test_every_page_says_that_it_speaks_of_the_sample_tenant(site: Site, empty_site: Site) -> None:
    for name, path in site.pages.items():
        assert "Sample tenant." in site.get(path).text, name
    for path in ("/", "/incidents", "/status", "/look-up"):
        assert "Sample tenant." not in empty_site.get(path).text, path


def test_hostile_text_adds_no_markup_to_any_page(site: Site) -> None:
    paths = [*site.pages.values(), "/incidents", "/incidents?kind=interrupts", "/credentials?within=90d"]
    paths += [f"/applications/{guid(number)}" for number in range(len(PAYLOADS))]
    paths += [f"/incidents/{incident_id}" for incident_id in site.incident_ids()]
    with httpx.Client(base_url=site.origin, timeout=30) as client:
        for path in paths:
            html = client.get(path).text
            outline = Outline(html)
            for tag, attributes in outline.tags:
                assert tag not in _NEVER, path
                assert not [name for name in attributes if name.startswith("on") or name in {"style", "srcdoc"}], path
                for name in _URLS & set(attributes):
                    assert (attributes[name] or "").startswith(("/", "#", "https://learn.microsoft.com/")) or (
                        attributes[name] or ""
                    ).startswith("https://"), (path, attributes[name])
            scripts = [attributes for tag, attributes in outline.tags if tag == "script"]
            assert [(attributes["src"] or "").partition("?")[0] for attributes in scripts] == ["/static/app.js"], path
            assert not _HIDDEN.search(html), path


def test_hidden_characters_are_shown_by_their_number(site: Site) -> None:
    number = next(place for place, text in enumerate(PAYLOADS) if text.startswith("\u202e"))
    html = site.get(f"/applications/{guid(number)}").text
    assert "<h1><bdi>⟨U+202E⟩gnp.elif⟨U+202C⟩ right to left</bdi></h1>" in html


def test_a_determined_incident_shows_cause_evidence_confirmation_and_fix(site: Site) -> None:
    items = site.get("/incidents.json?kind=failures").json()["value"]
    determined = next(item for item in items if item["verdict"] == "determined")
    html = site.get(f"/incidents/{determined['id']}").text
    assert "Cause found" in html
    for heading in ("Evidence", "Confirm", "Fix"):
        assert f">{heading}</h2>" in html, heading
    assert "Confidence" in html


def test_an_undetermined_incident_says_so_and_what_would_settle_it(site: Site) -> None:
    items = site.get("/incidents.json?kind=failures").json()["value"]
    open_one = next(item for item in items if item["verdict"] == "undetermined")
    html = site.get(f"/incidents/{open_one['id']}").text
    assert "Cause not determined" in html
    assert "Cause found" not in html
    assert "What would settle it" in html


def test_an_unknown_code_is_not_guessed_at(site: Site) -> None:
    items = site.get(f"/incidents.json?code={UNKNOWN_CODE}").json()["value"]
    html = site.get(f"/incidents/{items[0]['id']}").text
    assert "Unknown code" in html
    assert "Cause found" not in html


def test_an_application_known_only_by_its_service_principal_has_a_page(site: Site) -> None:
    html = site.get(f"/applications/{guid(950)}").text
    assert "<h1><bdi>Fabrikam Reports</bdi></h1>" in html
    assert f"registered in another tenant, <code>{OTHER_TENANT}</code>" in html
    assert "holds no secret" not in html


def test_history_tells_what_was_added_between_two_versions(site: Site) -> None:
    html = site.get(f"/applications/{guid(17)}").text
    assert "web.redirectUris" in html
    assert '<ins class="new"><span class="visually-hidden">after: </span>' in html


def test_status_gives_the_exact_grant_for_what_is_missing(site: Site, empty_site: Site) -> None:
    html = site.get("/status").text
    assert "Permission missing" in html
    assert "b0afded3-3588-46d8-8b3d-9842eff778da" in html
    assert "appRoleAssignments" in html
    assert "Every source is read" not in html
    fresh = empty_site.get("/status").text
    assert "Not everything is read yet" in fresh
    assert "never" in fresh


def test_overview_never_looks_all_green_while_a_source_cannot_be_read(site: Site) -> None:
    html = site.get("/").text
    assert "coverage-gap" in html
    assert "changes (audit log): permission missing" in html


def test_empty_pages_say_why_they_are_empty(empty_site: Site) -> None:
    for path, words in {
        "/": "being read for the first time",
        "/incidents": "was not read yet",
        "/incidents?code=50011": "No incident fits these filters",
        "/applications": "were not read yet",
        "/credentials": "their credentials are not known",
        "/alerts": "No alert yet",
    }.items():
        assert words in empty_site.get(path).text, path


def test_no_figure_is_a_nought_before_anything_was_read(empty_site: Site) -> None:
    html = empty_site.get("/").text
    assert re.findall(r'figure-value">([^<]*)<', html) == ["–"] * 4
    assert "open incidents: not read yet" in html
    assert "0 failures" not in html
    credentials = empty_site.get("/credentials").text
    assert "it is not known what ends when" in credentials
    assert "nothing ends" not in credentials


def test_overview_says_how_many_of_the_open_incidents_it_lists(site: Site) -> None:
    html = site.get("/").text
    figure = re.search(r'figure-value">([^<]*)</span><span class="figure-label">open incidents', html)
    assert figure is not None
    assert f"20 of {figure[1]}<" in html


def test_the_status_page_tells_the_pace_that_is_kept(site: Site, empty_site: Site) -> None:
    assert "every 20 seconds" in site.get("/status").text
    assert "every 60 seconds" in empty_site.get("/status").text


def test_what_would_settle_a_diagnosis_is_told_without_names_of_facts(site: Site) -> None:
    html = site.get("/look-up?code=50011").text
    assert "What would settle it" in html
    assert "Would tell" not in html
    assert "failure.redirect_uri" not in html


def test_an_application_nobody_knows_is_a_404_that_says_what_to_check(empty_site: Site) -> None:
    answer = empty_site.get(f"/applications/{guid(1)}")
    assert answer.status_code == 404
    assert "not an object ID" in answer.text


def test_changed_links_are_refused_with_a_sentence(site: Site) -> None:
    for query in ("before=%FF", "before=eA", "code=abc", f"cause={'x' * 500}"):
        path = f"/incidents?{query}"
        answer = site.get(path)
        assert answer.status_code == 400, path
        assert "<h1>" in answer.text, path


def test_older_links_lead_through_every_incident_once(site: Site) -> None:
    seen: list[str] = []
    path = "/incidents"
    for _ in range(20):
        html = site.get(path).text
        seen += re.findall(r'incident-title[^"]*"><a href="/incidents/([0-9a-f]{20})"', html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            break
        path = following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) > 100


def test_look_up_explains_a_pasted_error_and_takes_secrets_out(site: Site) -> None:
    text = (
        f"AADSTS7000222: The provided client secret keys for app '{guid(1)}' are expired.\n"
        "client_secret=Abc8Q~thisIsAnInventedSecretValue0123456789\n"
        f"Correlation ID: {guid(10, 7)}"
    )
    answer = httpx.post(f"{site.origin}/look-up", data={"text": text}, timeout=30)
    assert answer.status_code == 200
    assert "AADSTS7000222" in answer.text
    assert "InventedSecretValue" not in answer.text
    assert "Removed from the text" in answer.text
    assert f"/applications/{guid(1)}?tenant_id={TENANT}" in answer.text
    assert "Sign-ins with this correlation ID" in answer.text


def test_look_up_asks_for_more_when_nothing_is_recognised(site: Site) -> None:
    answer = httpx.post(f"{site.origin}/look-up", data={"text": "it does not work"}, timeout=30)
    assert answer.status_code == 422
    assert "No error code was found" in answer.text
    assert "it does not work</textarea>" in answer.text


def test_answering_a_question_in_look_up_settles_what_it_asked(site: Site) -> None:
    asked = site.get("/look-up?code=7000215").text
    questions = re.findall(r'name="answered" value="([a-z0-9-]+):yes"', asked)
    assert questions
    fields = {"code": "7000215", "answered": f"{questions[0]}:yes"}
    answered = httpx.post(f"{site.origin}/look-up", data=fields, timeout=30).text
    assert "Your answers" in answered
    assert f'<button class="button button-small" name="answered" value="{questions[0]}:yes"' not in answered
    assert "Cause found" in answered
    assert "Answered: yes." in answered
    denied = httpx.post(f"{site.origin}/look-up", data={**fields, "answered": f"{questions[0]}:no"}, timeout=30).text
    assert "Cause not determined" in denied
    assert f'<input type="hidden" name="answered" value="{questions[0]}:no">' in denied


def test_answers_that_nobody_asked_for_change_nothing(site: Site) -> None:
    fields = {"code": "7000215", "answered": "<script>:yes"}
    answer = httpx.post(f"{site.origin}/look-up", data=fields, timeout=30)
    assert answer.status_code == 200
    assert "Your answers" not in answer.text


def test_look_up_of_an_unknown_code_does_not_guess(site: Site) -> None:
    html = site.get("/look-up?code=AADSTS999999001").text
    assert "Unknown code" in html


@pytest.mark.parametrize("action", ["acknowledge", "snooze", "resolve", "reopen"])
def test_an_incident_changes_its_state_by_our_own_form_only(site: Site, action: str) -> None:
    incident_id = site.incident_ids()[-1]
    path = f"{site.origin}/incidents/{incident_id}/state"
    with httpx.Client(timeout=30) as client:
        foreign = client.post(path, data={"action": action}, headers={"Origin": "https://fabrikam.example"})
        assert foreign.status_code == 403
        own = client.post(path, data={"action": action}, headers={"Origin": site.origin})
    assert own.status_code == 303
    with site.service.database.read() as stores:
        incident = stores.incidents.get(incident_id)
    assert incident is not None
    expected = {"acknowledge": "acknowledged", "snooze": "snoozed", "resolve": "resolved", "reopen": "open"}
    assert incident.state == expected[action]
    assert (incident.snoozed_until is not None and incident.snoozed_until > NOW) == (action == "snooze")


def test_while_the_service_starts_pages_say_so_and_look_up_works(empty_site: Site) -> None:
    empty_site.service.starting = "bringing the database up to date"
    html = empty_site.get("/look-up?code=50011").text
    assert "bringing the database up to date" in html
    assert "AADSTS50011" in html


def test_own_files_are_kept_for_long_only_under_their_present_digest(site: Site) -> None:
    html = site.get("/").text
    path = re.findall(r'href="(/static/app\.css\?v=[0-9a-f]+)"', html)[0]
    assert "immutable" in site.get(path).headers["cache-control"]
    assert site.get("/static/app.css").headers["cache-control"] == "no-cache"
    assert site.get("/static/..%2Ftemplates%2Fbase.html").status_code == 404
    assert site.get("/static/nothing.css").status_code == 404


def test_tenant_pages_are_not_kept_by_browsers_or_proxies(site: Site) -> None:
    for path in ("/", "/incidents.json", "/credentials.csv"):
        assert site.get(path).headers["cache-control"] == "no-store", path


def test_flows_ask_what_would_decide_and_keep_the_answers_in_the_address(site: Site) -> None:
    undecided = site.get("/flows?runs=server").text
    assert "Several flows may fit" in undecided
    assert 'href="/flows?runs=server&amp;user=yes#fits"' in undecided
    decided = site.get("/flows?runs=pipeline&system=github").text
    assert "This flow fits" in decided
    assert 'href="/flows/pipeline?runs=pipeline&amp;system=github"' in decided
    assert "Code in a browser has nobody" in site.get("/flows?runs=browser&user=no").text
    assert site.get("/flows?runs=sever").status_code == 400
    assert site.get("/flows/none").status_code == 404


def test_an_application_names_its_likely_kind_with_evidence_and_the_flow(site: Site) -> None:
    html = site.get(site.pages["application"]).text
    section = html[html.index('id="kind"') :]
    assert "A web application on a server" in section
    assert "redirect URIs are registered under Web." in section
    assert 'href="/flows/web-app"' in section


def test_an_application_shows_its_findings_and_what_could_not_be_looked_at(site: Site) -> None:
    html = site.get(f"/applications/{guid(3)}").text
    section = html[html.index('id="findings"') : html.index('id="credentials"')]
    assert "could not be looked at" in section
    assert "Nobody owns the registration" in section, "owners were not read here, so the question stands open"
    assert "registration.application.owners" in section
    elsewhere = site.get(f"/applications/{guid(950)}").text
    section = elsewhere[elsewhere.index('id="findings"') : elsewhere.index('id="credentials"')]
    assert "only the service principal that lies here was checked" in section


def test_a_finding_shows_the_same_change_in_every_tool(site: Site) -> None:
    ended = next(number for number in range(len(PAYLOADS)) if (number * 7) % 120 < 10)
    html = site.get(f"/applications/{guid(ended)}").text
    section = html[html.index('id="finding-ended-credential-left-over"') :]
    for tool in ("Azure CLI", "Microsoft Graph", "PowerShell", "Bicep", "Terraform"):
        assert tool in section
    assert guid(ended, 3) in section
    assert "What can come of it" in section


def test_unknown_codes_are_reached_from_overview_and_codes_and_quote_without_explaining(site: Site) -> None:
    assert 'href="/unknown-codes"' in site.get("/codes").text
    assert "/unknown-codes" in site.get("/").text
    page = site.get("/unknown-codes").text
    assert f"AADSTS{UNKNOWN_CODE}" in page
    assert "AADSTS50011" not in page
    assert f"diag kb new {UNKNOWN_CODE}" in page
    [item] = site.get(f"/unknown-codes.json?tenant_id={TENANT}").json()["value"]
    assert item["code"] == UNKNOWN_CODE
    assert item["said"]
