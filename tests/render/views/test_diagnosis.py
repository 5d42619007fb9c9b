"""A diagnosis as a page shows it."""

from datetime import UTC, datetime

from diag.core.diagnosis import Diagnosis, JudgedCause
from diag.core.directory import Change, PropertyChange
from diag.core.entry import Confirm, OrganisationContact, OrganisationLink, OrganisationWords, SourceLink
from diag.core.remedy import Commands, Fix, GraphRequest, Rollback, Unavailable
from diag.core.verdict import Evidence, Need
from diag.render.views.diagnosis import diagnosis_view

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def _cause(name: str, verdict: str, **more: object) -> JudgedCause:
    return JudgedCause(
        id=name,
        title=f"Cause {name}",
        verdict=verdict,  # type: ignore[arg-type]
        confidence="certain",
        commonness="common",
        fixed_by="app-owner",
        root_cause="Because.",
        **more,  # type: ignore[arg-type]
    )


def _diagnosis(verdict: str, causes: tuple[JudgedCause, ...], **more: object) -> Diagnosis:
    return Diagnosis(
        code=50011,
        symptom=None,
        name="InvalidReplyTo",
        family="redirect-uri",
        kind="failure",
        summary="The redirect URI does not match.",
        verdict=verdict,  # type: ignore[arg-type]
        cause=causes[0] if verdict == "determined" else None,
        causes=causes,
        **more,  # type: ignore[arg-type]
    )


def test_a_determined_diagnosis_shows_its_cause_once() -> None:
    causes = (_cause("a", "holds"), _cause("b", "holds"), _cause("c", "possible"), _cause("d", "ruled_out"))
    view = diagnosis_view(_diagnosis("determined", causes), NOW)
    assert view.badge.text == "Cause found"
    assert view.headline == "Cause a"
    assert view.cause is not None
    assert [cause.id for cause in (*view.also_hold, *view.possible, *view.ruled_out)] == ["b", "c", "d"]
    assert view.explanation.startswith("Confidence certain")


def test_an_undetermined_diagnosis_never_has_a_cause() -> None:
    causes = (_cause("a", "holds"), _cause("b", "possible"), _cause("c", "possible"))
    view = diagnosis_view(_diagnosis("undetermined", causes, needs=(Need("failure.scope", "Give the scope"),)), NOW)
    assert view.cause is None
    assert view.badge.text == "Cause not determined"
    assert view.headline == "2 causes are possible"
    assert view.needs[0].how == "Give the scope"


def test_a_single_possible_cause_is_not_called_proven() -> None:
    view = diagnosis_view(_diagnosis("undetermined", (_cause("a", "possible"), _cause("b", "ruled_out"))), NOW)
    assert view.headline == "One cause is left, and it is not proven"


def test_when_everything_is_ruled_out_the_page_says_that_no_known_cause_fits() -> None:
    view = diagnosis_view(_diagnosis("undetermined", (_cause("a", "ruled_out"),)), NOW)
    assert view.headline == "No known cause fits"


def test_a_cause_that_was_ruled_out_shows_no_confidence() -> None:
    view = diagnosis_view(_diagnosis("undetermined", (_cause("a", "ruled_out"),)), NOW)
    assert view.ruled_out[0].confidence == ""


def test_evidence_names_its_source_and_when_it_was_read() -> None:
    evidence = Evidence("It is so.", "application.redirect_uris", "registration", NOW)
    view = diagnosis_view(_diagnosis("determined", (_cause("a", "holds", evidence=(evidence,)),)), NOW)
    assert view.cause is not None
    shown = view.cause.evidence[0]
    assert (shown.source, shown.as_of and shown.as_of.iso) == ("registration", "2026-11-22T14:30:00Z")


def test_needs_that_are_met_in_one_way_are_told_once() -> None:
    needs = (Need("a.b", "Paste it"), Need("a.c", "Paste it"), Need("answers.is-yours", "Is it yours?"))
    view = diagnosis_view(_diagnosis("undetermined", (_cause("a", "possible", needs=needs),)), NOW)
    assert [(need.how, need.question) for need in view.possible[0].needs] == [
        ("Paste it", ""),
        ("Is it yours?", "is-yours"),
    ]


def test_a_fix_shows_every_tool_or_why_it_cannot() -> None:
    commands = Commands(
        az="az ad app show",
        graph=(GraphRequest("PATCH", "https://graph.microsoft.com/v1.0/applications/1", {"a": [1]}),),
        powershell=Unavailable("the cmdlet replaces the whole list"),
        bicep="x",
        terraform=Unavailable("not managed there"),
        portal="Entra ID > App registrations",
    )
    fix = Fix(do="Add it.", effect="adds", commands=commands, rollback=Rollback("Remove it.", commands), verify="See.")
    view = diagnosis_view(_diagnosis("determined", (_cause("a", "holds", fix=(fix,)),)), NOW)
    assert view.cause is not None
    shown = view.cause.fix[0]
    assert [tool.id for tool in shown.tools] == ["az", "graph", "powershell", "bicep", "terraform", "portal"]
    assert shown.tools[1].text.startswith("PATCH https://graph.microsoft.com/v1.0/applications/1\n{")
    assert shown.tools[2].unavailable == "the cmdlet replaces the whole list"
    assert all(bool(tool.text) != bool(tool.unavailable) for tool in (*shown.tools, *shown.rollback_tools))
    assert shown.badge.text == "Adds"


def test_a_fix_in_the_client_says_that_the_directory_stays_as_it_is() -> None:
    fix = Fix(do="Send it.", snippets={"Python": "x = 1\n"})
    view = diagnosis_view(_diagnosis("determined", (_cause("a", "holds", fix=(fix,)),)), NOW)
    assert view.cause is not None
    assert view.cause.fix[0].badge.text == "Nothing in the directory"
    assert view.cause.fix[0].snippets[0].label == "Python"
    assert view.cause.fix[0].tools == ()


def test_commands_with_hidden_characters_show_them() -> None:
    commands = Commands(az="az \u202e x", graph=(), powershell="", bicep="", terraform="", portal="p")
    view = diagnosis_view(_diagnosis("determined", (_cause("a", "holds", fix=(Fix(do="x", commands=commands),)),)), NOW)
    assert view.cause is not None
    assert view.cause.fix[0].tools[0].text == "az ⟨U+202E⟩ x"


def test_confirmation_sources_and_changes_are_carried_over() -> None:
    change = Change(NOW, "Update application", "anna@contoso.example", properties=(PropertyChange("A", "1", "2"),))
    cause = _cause("a", "holds", confirm=(Confirm("Do this", "See that"),))
    sources = (SourceLink("https://learn.microsoft.com/x", "2026-11-22"), SourceLink("javascript:x", "2026-11-22"))
    view = diagnosis_view(
        _diagnosis("determined", (cause,), related_changes=(change,), sources=sources, other_codes=(70002,)), NOW
    )
    assert view.cause is not None
    assert view.cause.confirm[0].expect == "See that"
    assert [source.href for source in view.sources] == ["https://learn.microsoft.com/x", ""]
    assert view.changes[0].differences[0].new == ("2",)
    assert view.other_codes[0].href == "/codes/70002"


def test_an_unknown_code_has_no_page_to_lead_to() -> None:
    view = diagnosis_view(_diagnosis("unknown_code", ()), NOW)
    assert view.code == "AADSTS50011"
    assert view.code_href == ""
    assert view.headline == "No entry knows this code"


def test_what_the_organisation_says_is_kept_apart_and_links_only_to_https() -> None:
    said = OrganisationWords(
        notes="Ask us.",
        links=(OrganisationLink("Wiki", "https://wiki.contoso.example/x"), OrganisationLink("Bad", "javascript:x")),
        contacts=(OrganisationContact("Identity team", "#help"),),
        hidden=("some-cause",),
    )
    view = diagnosis_view(_diagnosis("undetermined", (_cause("org-ours", "possible"),), organisation=said), NOW)
    assert view.organisation is not None
    assert [link.href for link in view.organisation.links] == ["https://wiki.contoso.example/x", ""]
    assert (view.organisation.notes, view.organisation.contacts[0].label) == ("Ask us.", "Identity team")
    assert [cause.own for cause in view.possible] == [True]
    assert diagnosis_view(_diagnosis("undetermined", (_cause("ours", "possible"),)), NOW).organisation is None
