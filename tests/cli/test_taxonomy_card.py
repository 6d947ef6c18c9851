"""The reference card holds the whole taxonomy on one A4 page, large enough to be read."""

import html
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from failview.cli.card.html import card_html
from failview.cli.card.layout import CATEGORY_COLOURS, GREY, LEAST_SIZE_PT, MARGIN_PT, PAGE_PT, Card, lay_out_card
from failview.cli.card.pdf import card_pdf
from failview.cli.card.typesetting import INK, Composition, Word, height_of, lines_of, width_of, words_of
from failview.cli.card.words import key_lines
from failview.cli.main import run
from failview.errors import TaxonomyError
from failview.model.taxonomy import Cause, Taxonomy
from failview.sidecars.taxonomy_file import default_taxonomy_path, load_default_taxonomy

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_default_taxonomy()


@pytest.fixture(scope="module")
def card(taxonomy: Taxonomy) -> Card:
    return lay_out_card(taxonomy)


def plain(text: str) -> str:
    """Words with single spaces, whatever binds them."""
    return " ".join(text.split())


def told(taxonomy: Taxonomy) -> list[str]:
    """Everything that must stand on a card."""
    texts = [taxonomy.title, f"{taxonomy.id} {taxonomy.version}"]
    for category in taxonomy.categories:
        texts += [f"{category.digit} {category.name}", category.definition]
        for sub in category.subcategories:
            texts += [f"{category.digit} {sub.digit} {sub.name}", sub.definition]
            texts += [f"Onset: {sub.onset_rule}", f"Obvious: {sub.obvious_rule}"]
    return texts + [cause.name for cause in (*taxonomy.proximal_causes, *taxonomy.distal_causes)]


def test_the_default_card_is_one_readable_page_with_everything_on_it(taxonomy: Taxonomy, card: Card) -> None:
    assert card.size_pt >= LEAST_SIZE_PT == 6.5
    assert card.height_pt <= PAGE_PT[1] - MARGIN_PT
    texts = card.composition.texts
    assert min(item.size for item in texts) >= LEAST_SIZE_PT
    for item in texts:
        right = item.x + width_of(Word(item.text, item.bold), item.size)
        assert item.x >= MARGIN_PT - 0.01, item
        assert right <= PAGE_PT[0] - MARGIN_PT + 1, item
        assert MARGIN_PT <= item.y - 0.8 * item.size <= item.y <= PAGE_PT[1] - MARGIN_PT, item
    shown = plain(" ".join(item.text for item in texts))
    assert [text for text in told(taxonomy) if plain(text) not in shown] == []


def test_no_text_lies_on_another(card: Card) -> None:
    lines: dict[float, list[tuple[float, float]]] = {}
    for item in card.composition.texts:
        right = item.x + width_of(Word(item.text, item.bold), item.size)
        lines.setdefault(round(item.y, 3), []).append((item.x, right))
    for spans in lines.values():
        assert all(left[1] <= right[0] for left, right in pairwise(sorted(spans)))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*CATEGORY_COLOURS, GREY, INK])
def test_print_is_dark_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 7


class Reading(HTMLParser):
    """The text of a page, and everything it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.fetched: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "data")]


def read_html(text: str) -> Reading:
    reading = Reading()
    reading.feed(text)
    return reading


def test_the_html_holds_everything_and_fetches_nothing(taxonomy: Taxonomy, card: Card) -> None:
    text = card_html(taxonomy, card)
    reading = read_html(text)
    shown = plain(" ".join(reading.text))
    assert [item for item in told(taxonomy) if plain(item) not in shown] == []
    assert reading.fetched == []
    assert "url(" not in text
    assert "@import" not in text
    assert "size: A4 landscape" in text
    assert f"font: {card.size_pt:g}pt" in text


def test_text_of_a_taxonomy_cannot_become_markup(taxonomy: Taxonomy) -> None:
    hostile = replace(taxonomy, title="<script>alert(1)</script> & $title")
    text = card_html(hostile, lay_out_card(hostile))
    assert "<script" not in text
    assert html.escape("<script>alert(1)</script> & $title") in text


def test_the_keys_on_the_card_are_those_of_the_panel(taxonomy: Taxonomy) -> None:
    keys = dict(key_lines(taxonomy))
    assert keys["S P F"] == "Success / partial success / failure"
    assert keys["1–5, then 1–4"] == "Category, then subcategory"  # noqa: RUF001
    assert keys["Ctrl+Enter"] == "Finish and go to the next episode"
    assert keys["- +"] == "Less confident / more confident"
    assert keys["← →"] == "One frame back / one frame on"


def test_the_pdf_is_one_a4_page_with_its_fonts_in_it_and_always_the_same(taxonomy: Taxonomy, card: Card) -> None:
    content = card_pdf(taxonomy, card)
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    box = re.search(rb"/MediaBox \[ ?([\d. ]+) ?\]", content)
    assert box
    assert [float(number) for number in box[1].split()] == pytest.approx([0, 0, *PAGE_PT], abs=0.1)
    fonts = set(re.findall(rb"/BaseFont /([\w+-]+)", content))
    assert fonts
    assert all(b"DejaVuSans" in name for name in fonts)
    assert b"/FontFile2" in content
    assert card_pdf(taxonomy, card) == content
    assert drawn_texts(content) == len(card.composition.texts)


def drawn_texts(content: bytes) -> int:
    """Number of text blocks that the page draws."""
    blocks = 0
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            blocks += len(re.findall(rb"\bBT\b", zlib.decompress(stream)))
        except zlib.error:
            continue
    return blocks


def test_a_small_taxonomy_is_printed_larger_and_with_the_definitions_of_its_causes(taxonomy: Taxonomy) -> None:
    small = replace(taxonomy, categories=taxonomy.categories[:2], proximal_causes=taxonomy.proximal_causes[:6])
    card = lay_out_card(small)
    assert card.with_cause_definitions
    assert card.size_pt > lay_out_card(taxonomy).size_pt
    shown = plain(" ".join(item.text for item in card.composition.texts))
    cause = small.proximal_causes[0]
    assert plain(f"{cause.name}: {cause.definition}") in shown
    assert plain(cause.definition) in plain(" ".join(read_html(card_html(small, card)).text))


def test_too_much_for_one_page_is_refused(taxonomy: Taxonomy) -> None:
    causes = tuple(Cause(f"cause_{number}", f"Cause number {number}", "It is as it is.") for number in range(400))
    with pytest.raises(TaxonomyError, match=r"does not fit on one A4 page: the texts are about \d+% too long"):
        lay_out_card(replace(taxonomy, proximal_causes=causes))


def test_lines_break_between_words_but_not_before_units() -> None:
    words = tuple(words_of("moves more than 5 cm and 0.1 m/s at 2 N"))
    lines = lines_of(words, 60, 7)
    assert all(sum(width_of(word, 7) for word in line) <= 60 for line in lines)
    assert [word.text for line in lines for word in line if "\u00a0" in word.text] == [
        "5\u00a0cm",
        "0.1\u00a0m/s",
        "2\u00a0N",
    ]
    assert height_of(words, 60, 7) == pytest.approx(len(lines) * 7 * 1.17)


def test_a_word_wider_than_its_column_is_cut_into_pieces() -> None:
    page = Composition()
    page.paragraph([Word("x" * 100)], (10, 10), 50, 7)
    assert "".join(item.text for item in page.texts) == "x" * 100
    assert all(width_of(Word(item.text), 7) <= 50 for item in page.texts)


@pytest.mark.parametrize("name", ["card.html", "card.pdf", "CARD.PDF"])
def test_the_command_writes_the_card(tmp_path: Path, capsys: Capture, name: str) -> None:
    out = tmp_path / name
    assert run(["taxonomy", "card", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.read_bytes().startswith(b"%PDF-" if out.suffix.lower() == ".pdf" else b"<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_without_out_it_lies_here_named_by_the_taxonomy(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.toml"
    mine.write_text(default_taxonomy_path().read_text(encoding="utf-8").replace('"1.0.0"', '"7.1.0"'), encoding="utf-8")
    assert run(["taxonomy", "card", "--taxonomy", str(mine)]) == 0
    assert capsys.readouterr().out == "failview-tabletop-7.1.0.html\n"
    assert "failview-tabletop 7.1.0" in (tmp_path / "failview-tabletop-7.1.0.html").read_text(encoding="utf-8")


def test_what_cannot_be_written_is_one_line(tmp_path: Path, capsys: Capture) -> None:
    assert run(["taxonomy", "card", "--out", str(tmp_path / "card.docx")]) == 2
    assert run(["taxonomy", "card", "--out", str(tmp_path / "none" / "card.pdf")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"failview: {tmp_path / 'card.docx'}: a card is an .html or a .pdf file. Change the ending of --out",
        f"failview: {tmp_path / 'none' / 'card.pdf'}: cannot be written: no such file or directory",
    ]


def test_signs_without_a_font_are_refused_in_the_pdf_and_shown_in_html(tmp_path: Path, capsys: Capture) -> None:
    mine = tmp_path / "mine.toml"
    text = default_taxonomy_path().read_text(encoding="utf-8")
    mine.write_text(text.replace('name = "Slip during lift"', 'name = "滑落"'), encoding="utf-8")
    out = tmp_path / "card.html"
    assert run(["taxonomy", "card", "--taxonomy", str(mine), "--out", str(out)]) == 0
    assert "滑落" in out.read_text(encoding="utf-8")
    assert run(["taxonomy", "card", "--taxonomy", str(mine), "--out", str(tmp_path / "card.pdf")]) == 2
    assert "the font of the PDF has no 滑 落. Write the card as .html and print that" in capsys.readouterr().err
