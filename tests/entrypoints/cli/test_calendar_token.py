import json
import re

from diag.core.calendar import CalendarReader, digest, problems, reader_of
from tests.entrypoints.cli.conftest import Diag


def test_the_address_and_what_the_configuration_keeps_belong_together(diag: Diag) -> None:
    said = diag("calendar-token", "ada", "--json")
    assert said.code == 0
    told = json.loads(said.out)
    token = re.fullmatch(r"http://127\.0\.0\.1:\d+/calendar/([\w-]{43})\.ics", told["url"])
    assert token
    reader = CalendarReader(name="ada", token_sha256=told["token_sha256"])
    assert problems((reader,)) == []
    assert reader_of((reader,), token[1]) is reader


def test_every_token_is_another_and_the_lines_can_be_pasted(diag: Diag) -> None:
    first, second = diag("calendar-token", 'Ada "A"').out, diag("calendar-token", "Ada").out
    tokens = [re.findall(r"/calendar/([\w-]{43})\.ics", text)[0] for text in (first, second)]
    assert tokens[0] != tokens[1]
    assert f'- {{name: "Ada \\"A\\"", token_sha256: {digest(tokens[0])}}}' in first


def test_a_reader_without_a_name_is_refused(diag: Diag) -> None:
    assert diag("calendar-token", " ").code == 2
