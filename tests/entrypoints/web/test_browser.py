"""Pages in a real browser: both themes, three widths, keyboard, with and without JavaScript."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, expect

from tests.entrypoints.web.conftest import Site
from tests.entrypoints.web.hostile import PAYLOADS
from tests.entrypoints.web.seed import guid

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
WIDTHS = (360, 820, 1280)


class Watched:
    """A page whose errors are written down."""

    def __init__(self, context: BrowserContext) -> None:
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        # A page that says "not found" does so with its status; the browser notes that, and it is no fault.
        if message.type in ("error", "warning") and "404 (Not Found)" not in message.text:
            self.problems.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_every_width_and_can_be_read_in_both_themes(browser: Browser, site: Site, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    watched = Watched(context)
    page, wrong = watched.page, []
    for name, path in site.pages.items():
        page.goto(f"{site.origin}{path}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if (scrolled := page.evaluate("document.documentElement.scrollWidth")) > width:
                wrong.append(f"{name} at {width}: {scrolled} wide")
            found = page.evaluate(CHECKS)
            wrong += [f"{name} at {width}: {check}: {one}" for check, all_ in found.items() for one in all_]
        assert page.locator("h1").count() == 1, name
        assert page.evaluate("window.diagPwned") is None, name
    context.close()
    assert wrong == []
    assert watched.problems == []


def test_no_hostile_name_runs_anywhere(context: BrowserContext, site: Site) -> None:
    watched = Watched(context)
    for number in range(0, len(PAYLOADS), 4):
        watched.page.goto(f"{site.origin}/applications/{guid(number)}")
        watched.page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        watched.page.mouse.move(400, 400)
        assert watched.page.evaluate("window.diagPwned") is None, PAYLOADS[number]
    for path in ("/incidents", "/applications", "/credentials", "/alerts"):
        watched.page.goto(f"{site.origin}{path}")
        assert watched.page.evaluate("window.diagPwned") is None, path
    assert watched.problems == []


def test_the_keyboard_reaches_content_look_up_and_navigation(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(site.origin)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    page.get_by_label("Paste an error or a code").focus()
    page.keyboard.type("AADSTS50011")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look up")
    expect(page.locator(".verdict")).to_contain_text("AADSTS50011")


def test_focus_is_visible_on_every_kind_of_control(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.origin}/incidents")
    seen: set[str] = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        kind, style, width = page.evaluate(
            "() => { const one = document.activeElement, look = getComputedStyle(one);"
            " return [one.tagName, look.outlineStyle, parseFloat(look.outlineWidth)]; }"
        )
        assert (style, width >= 2) == ("solid", True), kind
        seen.add(kind)
    assert {"A", "BUTTON", "SELECT", "INPUT"} <= seen


def test_tools_are_tabs_that_arrow_keys_change(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.origin}/status")
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(4)
    expect(tabs.nth(0)).to_have_attribute("aria-selected", "true")
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("GET https://graph.microsoft.com")


def test_copying_gives_the_whole_command(browser: Browser, site: Site) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site.origin}/status")
    page.get_by_role("button", name="Copy the Azure CLI text").click()
    expect(page.locator("[data-announce]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("details.tool pre").first.text_content()
    assert copied.startswith("principal=$(az ad sp show")
    context.close()


def test_a_chosen_theme_is_kept(browser: Browser, site: Site) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(site.origin)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.get_by_role("button", name=re.compile("^Theme"))
    button.click()
    button.click()
    expect(button).to_have_text("Theme: dark")
    page.goto(f"{site.origin}/codes")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.get_by_role("button", name=re.compile("^Theme")).click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light
    context.close()


def test_overview_renews_itself_unless_somebody_is_inside(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(site.origin)
    page.evaluate("document.querySelector('main').dataset.old = 'yes'")
    page.locator("main a").first.focus()
    page.clock.run_for(16_000)
    assert page.locator("main[data-old]").count() == 1
    page.evaluate("document.activeElement.blur()")
    with page.expect_response(lambda response: response.url == f"{site.origin}/"):
        page.clock.run_for(16_000)
    expect(page.locator("main[data-old]")).to_have_count(0)
    expect(page.locator("h1")).to_have_text("Overview")


def test_an_incident_is_acknowledged_with_one_click(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.origin}/incidents/{site.incident_ids()[1]}")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".page-head .badge").first).to_have_text("Acknowledged")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator(".page-head .badge").first).to_have_text("Open")


def test_everything_works_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.origin}/look-up")
    page.get_by_label("What did you see?").fill("AADSTS700016: Application with identifier 'x' was not found.")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".verdict")).to_contain_text("AADSTS700016")
    expect(page.locator(".copy").first).to_be_hidden()
    page.goto(f"{site.origin}/status")
    page.locator("summary", has_text="PowerShell").click()
    expect(page.locator("pre", has_text="Connect-MgGraph")).to_be_visible()
    page.goto(f"{site.origin}/codes")
    page.get_by_label("Code, name or words").fill("50011")
    page.get_by_role("button", name="Search").click()
    assert page.url.startswith(f"{site.origin}/codes?query=50011&")
    expect(page.get_by_role("link", name="AADSTS50011", exact=True)).to_be_visible()
    context.close()


def test_paper_shows_the_content_alone(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.origin}/incidents/{site.incident_ids()[1]}")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".verdict")).to_be_visible()


def test_the_checks_find_what_they_look_for(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_content(
        "<title>x</title><h1>a</h1><h3 id=a>jump</h3><p id=a><span>grey</span></p><button></button>"
        "<input><table><tr><td>1</td></tr></table><time datetime=soon>x</time>"
    )
    page.add_style_tag(content="span { color: #999; background: #fff } button { height: 10px }")
    found = page.evaluate(CHECKS)
    assert any("grey" in one for one in found["contrast"])
    assert len(found["names"]) == 2
    assert len(found["targets"]) >= 1
    for words in ("id a twice", "no main", "no html[lang]", "heading jumps", "table without", "time"):
        assert any(words in one for one in found["structure"]), words
