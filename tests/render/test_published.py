"""The JSON of an answer: exactly the published keys; what nobody knows is absent, and never null."""

import json
from datetime import UTC, datetime

from diag.core.diagnosis import Diagnosis, Extracted, JudgedCause
from diag.core.directory import Change, PropertyChange
from diag.core.entry import Confirm, SourceLink
from diag.core.remedy import Commands, Fix, GraphRequest, Rollback, Unavailable
from diag.core.verdict import Evidence, Need
from diag.render.published import diagnosis_json, diagnosis_object

MOMENT = datetime(2026, 11, 20, 10, tzinfo=UTC)
COMMANDS = Commands(
    az="az ad app update",
    graph=(GraphRequest("PATCH", "https://graph.microsoft.com/v1.0/x", {"a": None}), GraphRequest("GET", "https://x")),
    powershell=Unavailable("not possible"),
    bicep="",
    terraform="x",
    portal="Entra ID > x",
)
WHOLE = JudgedCause(
    id="tls-proxy-http-scheme",
    title="t",
    verdict="holds",
    confidence="likely",
    commonness="common",
    fixed_by="developer",
    root_cause="r",
    evidence=(
        Evidence("s", "application.redirect_uris", "registration", MOMENT),
        Evidence("s2", "failure.redirect_uri", "text"),
    ),
    confirm=(Confirm("do", "see"), Confirm("do")),
    fix=(
        Fix(
            do="d", effect="changes", before=("b",), commands=COMMANDS, caution="c", who="w",
            rollback=Rollback("back", COMMANDS), verify="v", snippets={"python": "x = 1"},
        ),
        Fix(do="only text"),
    ),
)  # fmt: skip
DIAGNOSIS = Diagnosis(
    code=50011, symptom=None, name="n", family="f", kind="failure", summary="s", verdict="determined", cause=WHOLE,
    causes=(WHOLE,), needs=(Need("failure.flow", "say"),), extracted=Extracted(app_id="a", tenant_id=None),
    related_changes=(Change(MOMENT, "Update application", "who", properties=(PropertyChange("p", "1", "2"),)),),
    other_codes=(70002,), sources=(SourceLink("https://x", "2026-11-22"),), kb_version="v", redacted=("password",),
)  # fmt: skip


def test_three_keys_may_be_null_and_nothing_else_is() -> None:
    empty = Diagnosis(
        code=None,
        symptom=None,
        name="",
        family="",
        kind="failure",
        summary="",
        verdict="undetermined",
        cause=None,
        causes=(),
    )
    body = json.loads(diagnosis_json(empty))
    assert [name for name, value in body.items() if value is None] == ["code", "symptom", "cause"]
    assert body["extracted"] == {}
    assert body["causes"] == []


def test_the_cause_is_the_first_of_the_causes() -> None:
    body = diagnosis_object(DIAGNOSIS)
    assert body["cause"] == body["causes"][0]


def test_a_cause_has_the_published_keys() -> None:
    cause = json.loads(diagnosis_json(DIAGNOSIS))["cause"]
    assert list(cause) == [
        "id", "title", "verdict", "confidence", "commonness", "fixed_by", "root_cause", "evidence", "needs", "confirm",
        "fix",
    ]  # fmt: skip
    assert cause["evidence"] == [
        {
            "statement": "s",
            "fact": "application.redirect_uris",
            "source": "registration",
            "as_of": "2026-11-20T10:00:00Z",
        },
        {"statement": "s2", "fact": "failure.redirect_uri", "source": "text"},
    ]
    assert cause["confirm"] == [{"do": "do", "expect": "see"}, {"do": "do", "expect": ""}]


def test_a_fix_in_text_has_no_empty_commands() -> None:
    first, second = json.loads(diagnosis_json(DIAGNOSIS))["cause"]["fix"]
    assert second == {"do": "only text"}
    assert list(first) == ["do", "effect", "who", "before", "commands", "caution", "rollback", "verify", "snippets"]
    assert list(first["commands"]) == ["az", "graph", "powershell", "bicep", "terraform", "portal"]
    assert first["rollback"]["commands"] == first["commands"]


def test_a_tool_that_cannot_says_why_and_a_graph_body_keeps_its_nulls() -> None:
    commands = json.loads(diagnosis_json(DIAGNOSIS))["cause"]["fix"][0]["commands"]
    assert commands["powershell"] == {"unavailable": "not possible"}
    assert commands["graph"] == [
        {"method": "PATCH", "url": "https://graph.microsoft.com/v1.0/x", "body": {"a": None}},
        {"method": "GET", "url": "https://x"},
    ]


def test_times_are_utc_with_a_z() -> None:
    assert diagnosis_object(DIAGNOSIS)["related_changes"][0]["at"] == "2026-11-20T10:00:00Z"
