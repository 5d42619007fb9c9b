from diag.core.wordings import Message, Messages, digests

MATCH = "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for '{app}'."
SIGNED = "Client assertion is not within its valid time range. Current time: {now}, expiry time of assertion {then}."
USER = "Assertion is not within its valid time range. Current time: {now}, expiry time of assertion {then}."
MESSAGES = Messages(
    [
        Message(50011, digests(MATCH)),
        Message(700024, digests(SIGNED)),
        Message(500133, digests(USER)),
        Message(50133, digests(USER)),
        Message(7, ()),
    ]
)


def _codes(text: str) -> list[int]:
    return [one.code for one in MESSAGES.recognise(text)]


def test_values_and_what_stands_around_make_no_difference() -> None:
    said = MATCH.replace("{uri}", "https://orders.contoso.example/cb?x=1").replace("{app}", "7c1e5d0a-2f64-4b0e")
    assert _codes(said) == [50011]
    assert _codes(f"Hello,\nsince Monday I see this:\n{said}\nAny idea what to do about it?") == [50011]
    assert _codes(said.upper().replace("'", "’")) == [50011]
    assert _codes(said.replace("URI", "URL")) == [50011]
    assert _codes(said.replace("does not", "doesn't")) == [50011]


def test_a_message_that_was_cut_off_is_still_recognised() -> None:
    assert _codes("specified in the request does not match the redirect URIs configured") == [50011]
    assert _codes(MATCH[: len(MATCH) * 2 // 3] + " …") == [50011]


def test_the_message_that_is_wholly_there_wins() -> None:
    assert _codes(SIGNED)[0] == 700024


def test_codes_that_share_a_message_come_together() -> None:
    assert {500133, 50133} <= set(_codes(USER))
    assert _codes(USER)[0] == 50133


def test_other_text_is_no_message() -> None:
    for text in (
        "",
        "does not match",
        "The request was fine and nothing is wrong with the client.",
        "7",
    ):
        assert _codes(text) == [], text


def test_no_words_are_kept() -> None:
    assert all(isinstance(run, int) and run < 1 << 24 for run in digests(MATCH))
    assert len(digests(MATCH)) == len(set(digests(MATCH)))
