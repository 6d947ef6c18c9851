"""`failview taxonomy card`: the one-page reference card, as HTML or PDF."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from failview.errors import TaxonomyError
from failview.model.taxonomy import Taxonomy
from failview.sidecars.atomic_file import replace_computed
from failview.sidecars.os_errors import in_words
from failview.sidecars.taxonomy_file import load_default_taxonomy, load_taxonomy


def card(
    taxonomy: Annotated[
        Path | None, typer.Option("--taxonomy", metavar="FILE", help="Your own taxonomy in place of the default one.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html|FILE.pdf", help="Where to; <taxonomy id>-<version>.html by default."),
    ] = None,
) -> None:
    """Write the reference card: categories, keys, definitions and causes on one A4 page to print."""
    chosen = load_default_taxonomy() if taxonomy is None else load_taxonomy(taxonomy)
    path = out or Path(f"{chosen.id}-{chosen.version}.html")
    if path.suffix.lower() not in (".html", ".pdf"):
        raise TaxonomyError("a card is an .html or a .pdf file", where=path, hint="Change the ending of --out")
    content = _content(chosen, as_pdf=path.suffix.lower() == ".pdf")
    try:
        replace_computed(path, content)
    except OSError as error:
        what, hint = in_words(error)
        raise TaxonomyError(f"cannot be written: {what}", where=path, hint=hint) from error
    typer.echo(str(path))


def card_problems(taxonomy: Taxonomy) -> list[str]:
    """Why a taxonomy has no card; empty when it has one."""
    try:
        import_module("failview.cli.card.layout").lay_out_card(taxonomy)
    except TaxonomyError as error:
        return [f"the file: {error.what}. {error.hint}"]
    return []


def _content(taxonomy: Taxonomy, *, as_pdf: bool) -> bytes:
    # Fonts and plots take half a second to import, which the other taxonomy commands need not wait for.
    layout: Any = import_module("failview.cli.card.layout")
    card = layout.lay_out_card(taxonomy)
    if as_pdf:
        pdf: bytes = import_module("failview.cli.card.pdf").card_pdf(taxonomy, card)
        return pdf
    html: str = import_module("failview.cli.card.html").card_html(taxonomy, card)
    return html.encode()
