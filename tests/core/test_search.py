from diag.core.search import Document, SearchIndex, built, ranked, with_variants

DOCUMENTS = (
    Document("50011", ((1.0, "InvalidReplyTo"), (0.8, "The redirect URI of the request is not listed")), 9, often=True),
    Document("50126", ((1.0, "InvalidUserNameOrPassword"), (0.8, "The password is wrong")), 1),
    Document("120000", ((1.0, "PasswordChangeIncorrectCurrentPassword"), (0.8, "The present password is wrong")), 1),
    Document("7000222", ((1.0, "InvalidClientSecretExpired"), (0.8, "The client secret has ended")), 3),
    Document("sign-in-blocked", ((1.0, "The sign-in is blocked"),), 2),
)
INDEX: SearchIndex = built(DOCUMENTS, with_variants([["password", "kennwort", "mot de passe"], ["wrong", "falsch"]]))


def test_a_code_is_found_however_it_is_written() -> None:
    for query in ("50011", "AADSTS50011", "5011", "50O11", "aadst 50 011", "AADSTS-50011:", "500111"):
        assert ranked(INDEX, query)[0] == "50011", query


def test_a_number_like_no_code_finds_nothing() -> None:
    assert ranked(INDEX, "987654321") == []
    assert ranked(INDEX, "") == []
    assert ranked(INDEX, "'; drop table --") == []


def test_words_are_found_misspelt_run_together_and_in_any_order() -> None:
    assert ranked(INDEX, "pasword wrng")[0] == "50126"
    assert ranked(INDEX, "redirecturi")[0] == "50011"
    assert ranked(INDEX, "ended secret client")[0] == "7000222"
    assert ranked(INDEX, "blocked signin") == ["sign-in-blocked"]


def test_other_languages_lead_to_our_words() -> None:
    assert ranked(INDEX, "Kennwort falsch")[:2] == ["50126", "120000"]
    assert set(ranked(INDEX, "mot de passe")) == {"50126", "120000"}


def test_what_covers_more_of_the_question_comes_first() -> None:
    assert ranked(INDEX, "present password wrong")[0] == "120000"


def test_a_page_of_text_is_read_in_part_only() -> None:
    assert ranked(INDEX, " ".join(f"zzq{number}x" for number in range(5000)) + " password") == []
