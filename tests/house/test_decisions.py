"""Decision records are one page each, numbered without gaps, all in one form."""

import re
from pathlib import Path

HEADINGS = ["Situation", "Choice", "Rejected", "What would change our mind"]
ONE_PAGE = 70


def _records(root: Path) -> list[Path]:
    return sorted((root / "docs" / "decisions").glob("*.md"))


def test_records_are_numbered_without_gaps_from_the_template_on(root: Path) -> None:
    numbers = [int(path.name[:4]) for path in _records(root)]
    assert numbers == list(range(len(numbers)))
    assert numbers


def test_each_record_has_its_number_a_date_and_the_four_headings(root: Path) -> None:
    wrong = {}
    for path in _records(root):
        text = path.read_text(encoding="utf-8")
        title = re.match(r"# (\d{4})\. \S", text)
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        if (
            not title
            or title[1] != path.name[:4]
            or headings != HEADINGS
            or not re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
        ):
            wrong[path.name] = headings
    assert wrong == {}


def test_each_record_fits_one_page(root: Path) -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in _records(root)}
    assert {name: length for name, length in lengths.items() if length > ONE_PAGE} == {}
