"""The reference card as one HTML file without any other: for the screen, and for one A4 page of paper."""

import html
from string import Template

from failview.cli.card.layout import CATEGORY_COLOURS, CAUSE_COLUMNS, GREY, MARGIN_PT, PAGE_PT, Card, category_widths
from failview.cli.card.typesetting import INK, LINE_HEIGHT
from failview.cli.card.words import HOW_TO_CHOOSE, bound, key_lines
from failview.model.taxonomy import Category, Cause, Subcategory, Taxonomy

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title ($version)</title>
<style>
/* A little more room than the card needs: browsers round the heights of lines. */
@page { size: A4 landscape; margin: 18pt ${margin}pt; }
* { box-sizing: border-box; margin: 0; padding: 0; }
html { background: #fff; color: $ink; }
/* Fonts no wider than the last one, with which the size was chosen. */
body { font: ${size}pt/$line Arial, Helvetica, "Liberation Sans", "DejaVu Sans", sans-serif; width: ${width}pt;
  margin: 0 auto; hyphens: manual; overflow-wrap: anywhere; }
@media screen { body { padding: ${margin}pt 0; zoom: 1.25; } }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 20pt; }
h1 { font-size: 1.7em; line-height: $line; }
h2 { font-size: 1.35em; line-height: $line; }
h3 { font-size: 1.08em; line-height: $line; margin-top: 0.35em; }
.quiet { color: $grey; }
.categories { display: grid; grid-template-columns: $columns; gap: 11pt; margin: 0.5em 0 0.3em; }
.category { border-top: 2.2pt solid currentColor; padding-top: 0.3em; }
.category p { color: $ink; }
.category p.quiet { color: $grey; }
.causes { border-top: 0.6pt solid $grey; padding-top: 0.2em; margin-bottom: 0.3em; }
.causes ul { columns: $cause_columns; column-gap: 11pt; list-style: none; }
.causes li { break-inside: avoid; }
.keys { border-top: 0.6pt solid $grey; padding-top: 0.2em; }
kbd { font: inherit; font-weight: bold; }
</style>
</head>
<body>
<header><h1>$title</h1><span class="quiet">$version</span></header>
<p class="quiet">$how</p>
<main>
<div class="categories">
$categories
</div>
$causes
</main>
<p class="keys"><b>Keys:</b> $keys</p>
</body>
</html>
""")


def card_html(taxonomy: Taxonomy, card: Card) -> str:
    """The card as an HTML document.

    Args:
        taxonomy: What is on it.
        card: The size of the text, and how much of it there is room for.
    """
    causes = (
        ("Proximal cause: the immediate physical event", taxonomy.proximal_causes),
        ("Distal cause: the upstream decision or condition", taxonomy.distal_causes),
    )
    return _PAGE.substitute(
        title=_text(taxonomy.title),
        version=_text(f"{taxonomy.id} {taxonomy.version}"),
        margin=f"{MARGIN_PT:g}",
        width=f"{PAGE_PT[0] - 2 * MARGIN_PT:g}",
        size=f"{card.size_pt:g}",
        line=LINE_HEIGHT,
        ink=INK,
        grey=GREY,
        columns=" ".join(f"minmax(0, {width:.1f}fr)" for width in category_widths(taxonomy.categories)),
        cause_columns=CAUSE_COLUMNS,
        how=_text(HOW_TO_CHOOSE),
        categories="\n".join(_category(item, at) for at, item in enumerate(taxonomy.categories)),
        causes="\n".join(_causes(title, items, card) for title, items in causes),
        keys=" · ".join(f"<kbd>{_text(keys)}</kbd> {_text(what)}" for keys, what in key_lines(taxonomy)),
    )


def _category(category: Category, at: int) -> str:
    colour = CATEGORY_COLOURS[at % len(CATEGORY_COLOURS)]
    inside = "\n".join(_subcategory(category, item) for item in category.subcategories)
    return (
        f'<section class="category" style="color: {colour}">\n<h2>{category.digit} {_text(category.name)}</h2>\n'
        f'<p class="quiet">{_text(category.definition)}</p>\n{inside}\n</section>'
    )


def _subcategory(category: Category, item: Subcategory) -> str:
    return (
        f"<h3>{category.digit} {item.digit} {_text(item.name)}</h3>\n<p>{_text(item.definition)}</p>\n"
        f"<p><b>Onset:</b> {_text(item.onset_rule)}</p>\n<p><b>Obvious:</b> {_text(item.obvious_rule)}</p>"
    )


def _causes(title: str, causes: tuple[Cause, ...], card: Card) -> str:
    entries = "\n".join(f"<li>{_cause(cause, card)}</li>" for cause in causes)
    return f'<section class="causes">\n<p><b>{_text(title)}</b></p>\n<ul>\n{entries}\n</ul>\n</section>'


def _cause(cause: Cause, card: Card) -> str:
    if not card.with_cause_definitions:
        return _text(cause.name)
    return f"<b>{_text(cause.name)}:</b> {_text(cause.definition)}"


def _text(text: str) -> str:
    return html.escape(bound(text))
