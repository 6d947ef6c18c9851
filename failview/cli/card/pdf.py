"""The reference card as PDF, with its fonts in it."""

from io import BytesIO

import matplotlib as mpl
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from failview.cli.card.layout import PAGE_PT, Card
from failview.cli.card.typesetting import font_path, missing_characters
from failview.errors import TaxonomyError
from failview.model.taxonomy import Taxonomy

_POINTS_PER_INCH = 72
_TRUETYPE = 42
"""Type 42 keeps the text selectable and searchable."""


def card_pdf(taxonomy: Taxonomy, card: Card) -> bytes:
    """The card as one page.

    Raises:
        TaxonomyError: The font lacks a character.
    """
    missing = missing_characters(" ".join(text.text for text in card.composition.texts))
    if missing:
        raise TaxonomyError(
            f"the font of the PDF has no {' '.join(sorted(missing)[:10])}",
            where=f"{taxonomy.id} {taxonomy.version}",
            hint="Write the card as .html and print that",
        )
    width, height = PAGE_PT
    figure = Figure(figsize=(width / _POINTS_PER_INCH, height / _POINTS_PER_INCH), facecolor="white")
    FigureCanvasPdf(figure)
    fonts = {bold: FontProperties(fname=font_path(bold=bold)) for bold in (False, True)}
    for rule in card.composition.rules:
        across, down = [rule.x / width, (rule.x + rule.width) / width], 1 - rule.y / height
        figure.add_artist(Line2D(across, [down, down], linewidth=rule.thickness, color=rule.colour))
    for text in card.composition.texts:
        figure.text(
            text.x / width,
            1 - text.y / height,
            text.text,
            fontproperties=fonts[text.bold],
            fontsize=text.size,
            color=text.colour,
            parse_math=False,
        )
    content = BytesIO()
    # No dates: the same taxonomy makes the same file.
    about = {
        "Title": f"{taxonomy.title} ({taxonomy.id} {taxonomy.version})",
        "Creator": "failview",
        "CreationDate": None,
    }
    with mpl.rc_context({"pdf.fonttype": _TRUETYPE}):
        figure.savefig(content, format="pdf", metadata=about)
    return content.getvalue()
