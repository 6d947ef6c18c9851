"""The reference card laid out on one A4 page: as large as it fits, and with as much as it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from failview.cli.card.typesetting import Composition, SetRule, Word, height_of, space, width_of, words_of
from failview.cli.card.words import HOW_TO_CHOOSE, key_lines
from failview.errors import TaxonomyError
from failview.model.taxonomy import Category, Cause, Subcategory, Taxonomy

PAGE_PT = (841.89, 595.28)
"""A4, lying."""
MARGIN_PT = 24.0
"""8.5 mm: what office printers leave white at most."""
LEAST_SIZE_PT = 6.5
"""Smaller print cannot be read at arm's length."""
LARGEST_SIZE_PT = 9.0
CAUSE_COLUMNS = 5

CATEGORY_COLOURS = ("#9a3412", "#1e40af", "#9d174d", "#5b21b6", "#115e59")
"""All darker than 7:1 against white."""
GREY = "#4b4b4b"

_GAP_PT = 11.0
_NARROWEST, _WIDEST = 0.75, 1.3
"""Of a category's column, against the mean."""


@dataclass(frozen=True)
class Card:
    """A laid out card.

    Attributes:
        composition: Everything on the page.
        size_pt: Size of the text.
        with_cause_definitions: Whether causes have their definitions, or their names alone.
        height_pt: From the upper edge of the page to the lower edge of the text.
    """

    composition: Composition
    size_pt: float
    with_cause_definitions: bool
    height_pt: float


def lay_out_card(taxonomy: Taxonomy) -> Card:
    """The card of a taxonomy, with the definitions of causes where they fit.

    Raises:
        TaxonomyError: It does not fit on one page.
    """
    steps = round((LARGEST_SIZE_PT - LEAST_SIZE_PT) * 10)
    sizes = [LARGEST_SIZE_PT - step / 10 for step in range(steps + 1)]
    limit = PAGE_PT[1] - MARGIN_PT
    card = None
    for with_definitions in (True, False):
        for size in sizes:
            card = _lay_out(taxonomy, size, with_definitions=with_definitions)
            if card.height_pt <= limit:
                return card
    assert card is not None
    over = (card.height_pt - limit) / (limit - MARGIN_PT)
    raise TaxonomyError(
        f"the card does not fit on one A4 page: the texts are about {max(over, 0.01):.0%} too long",
        where=f"{taxonomy.id} {taxonomy.version}",
        hint=f"Shorten the longest definitions: {', '.join(longest_entries(taxonomy))}",
    )


def longest_entries(taxonomy: Taxonomy, count: int = 3) -> list[str]:
    """Subcategories with the longest texts, which decide how high the page gets."""
    subcategories = [sub for category in taxonomy.categories for sub in category.subcategories]
    subcategories.sort(key=lambda sub: len(sub.definition) + len(sub.onset_rule) + len(sub.obvious_rule), reverse=True)
    return [sub.id for sub in subcategories[:count]]


def _lay_out(taxonomy: Taxonomy, size: float, *, with_definitions: bool) -> Card:
    page = Composition()
    width = PAGE_PT[0] - 2 * MARGIN_PT
    y = _heading(page, taxonomy, size)
    y = _categories(page, taxonomy.categories, y, size) + 0.3 * size
    for title, causes in (
        ("Proximal cause: the immediate physical event", taxonomy.proximal_causes),
        ("Distal cause: the upstream decision or condition", taxonomy.distal_causes),
    ):
        page.rules.append(SetRule(MARGIN_PT, y, width, 0.6, GREY))
        y = page.paragraph(words_of(title, bold=True), (MARGIN_PT, y + 0.25 * size), width, size)
        y = _causes(page, causes, y + 0.1 * size, size, with_definitions=with_definitions) + 0.3 * size
    page.rules.append(SetRule(MARGIN_PT, y, width, 0.6, GREY))
    keys: list[Word] = words_of("Keys:", bold=True)
    for pressed, what in key_lines(taxonomy):
        keys += [Word(pressed, bold=True), *words_of(f"{what}  ·")]
    y = page.paragraph(keys[:-1], (MARGIN_PT, y + 0.25 * size), width, size)
    return Card(page, size, with_definitions, y)


def _heading(page: Composition, taxonomy: Taxonomy, size: float) -> float:
    width = PAGE_PT[0] - 2 * MARGIN_PT
    title_size = size * 1.7
    version = words_of(f"{taxonomy.id} {taxonomy.version}")
    wide = sum(width_of(word, size) + space(size) for word in version)
    y = page.paragraph(words_of(taxonomy.title, bold=True), (MARGIN_PT, MARGIN_PT), width - wide - 20, title_size)
    page.paragraph(version, (PAGE_PT[0] - MARGIN_PT - wide, MARGIN_PT + 0.7 * size), wide + 1, size, GREY)
    return page.paragraph(words_of(HOW_TO_CHOOSE), (MARGIN_PT, y), width, size, GREY) + 0.5 * size


def _categories(page: Composition, categories: Sequence[Category], y: float, size: float) -> float:
    """One column for each category; y of the lower edge of the longest."""
    lowest, x = y, MARGIN_PT
    for at, (category, width) in enumerate(zip(categories, category_widths(categories), strict=True)):
        colour = CATEGORY_COLOURS[at % len(CATEGORY_COLOURS)]
        page.rules.append(SetRule(x, y, width, 2.2, colour))
        name = [Word(str(category.digit), bold=True), *words_of(category.name, bold=True)]
        below = page.paragraph(name, (x, y + 0.5 * size), width, size * 1.35, colour)
        below = page.paragraph(words_of(category.definition), (x, below), width, size, GREY)
        for item in category.subcategories:
            head = [Word(f"{category.digit} {item.digit}", bold=True), *words_of(item.name, bold=True)]
            below = page.paragraph(head, (x, below + 0.4 * size), width, size * 1.08, colour)
            for words in _rules_of(item):
                below = page.paragraph(words, (x, below), width, size)
        lowest = max(lowest, below)
        x += width + _GAP_PT
    return lowest


def category_widths(categories: Sequence[Category]) -> list[float]:
    """Widths of the columns in points: the more text, the wider, so that they end at about one height."""
    lengths = [
        len(category.definition)
        + sum(len(sub.name + sub.definition + sub.onset_rule + sub.obvious_rule) for sub in category.subcategories)
        for category in categories
    ]
    mean = sum(lengths) / len(lengths)
    weights = [min(max(length / mean, _NARROWEST), _WIDEST) for length in lengths]
    room = PAGE_PT[0] - 2 * MARGIN_PT - (len(categories) - 1) * _GAP_PT
    return [room * weight / sum(weights) for weight in weights]


def _rules_of(item: Subcategory) -> tuple[list[Word], ...]:
    return (
        words_of(item.definition),
        [Word("Onset:", bold=True), *words_of(item.onset_rule)],
        [Word("Obvious:", bold=True), *words_of(item.obvious_rule)],
    )


def _causes(page: Composition, causes: Sequence[Cause], y: float, size: float, *, with_definitions: bool) -> float:
    """Causes in columns of about one height; y of the lower edge of the longest."""
    width = (PAGE_PT[0] - 2 * MARGIN_PT - (CAUSE_COLUMNS - 1) * _GAP_PT) / CAUSE_COLUMNS
    entries = [_cause_words(cause, with_definitions=with_definitions) for cause in causes]
    heights = [height_of(words, width, size) for words in entries]
    columns = _balanced(heights, CAUSE_COLUMNS)
    lowest = y
    for at, column in enumerate(columns):
        x, below = MARGIN_PT + at * (width + _GAP_PT), y
        for index in column:
            below = page.paragraph(entries[index], (x, below), width, size)
        lowest = max(lowest, below)
    return lowest


def _cause_words(cause: Cause, *, with_definitions: bool) -> list[Word]:
    if not with_definitions:
        return words_of(cause.name)
    return [*words_of(f"{cause.name}:", bold=True), *words_of(cause.definition)]


def _balanced(heights: Sequence[float], count: int) -> list[range]:
    """Neighbours put in columns, so that the highest column is as low as it can be."""
    limit = max([sum(heights) / count, *heights])
    while len(columns := _filled(heights, limit)) > count:
        limit *= 1.02
    return columns


def _filled(heights: Sequence[float], limit: float) -> list[range]:
    columns: list[range] = []
    start, used = 0, 0.0
    for index, height in enumerate(heights):
        if used + height > limit + 1e-6:
            columns.append(range(start, index))
            start, used = index, 0.0
        used += height
    return [*columns, range(start, len(heights))]
