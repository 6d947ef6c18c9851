"""`failview qa`: agreement, consistency and spread of the labels of a dataset."""

import json as json_text
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from failview.app.settings_file import load_user_settings
from failview.cli.progress_bar import progress_bar
from failview.cli.qa_json import qa_json
from failview.cli.qa_report import QaRequest, report_on
from failview.cli.qa_tables import print_qa
from failview.errors import SidecarError
from failview.loaders import open_dataset
from failview.quality.findings import Finding, findings
from failview.quality.report import QaReport
from failview.sidecars.atomic_file import replace_computed
from failview.sidecars.os_errors import in_words
from failview.sidecars.taxonomy_file import load_default_taxonomy, load_taxonomy

app = typer.Typer(add_completion=False)

FOUND_WRONG = 1


@app.command()
def qa(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the whole report as one page that needs no net."),
    ] = None,
    taxonomy: Annotated[
        Path | None, typer.Option("--taxonomy", metavar="FILE", help="Taxonomy in place of the one that ships.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when something is to be mended.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")] = False,
) -> int:
    """Say how good the labels are: agreement, contradictions with signals, spread, causes, and what to mend."""
    if html is not None and html.is_dir():
        raise SidecarError("is a folder", where=html, hint="Name a file, such as report.html")
    words = load_taxonomy(taxonomy) if taxonomy is not None else load_default_taxonomy()
    request = QaRequest(dataset, profile, load_user_settings().annotator)
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        report = report_on(opened, words, request)
    finally:
        opened.close()
    found = findings(report)
    if html is not None:
        _write_page(html, report, found, request)
    if as_json:
        text = json_text.dumps(qa_json(report, found, request), indent=2, ensure_ascii=False, allow_nan=False)
        # Names of files that are not UTF-8 reach us with lone surrogates; JSON can hold them escaped.
        typer.echo(text.encode("utf-8", "backslashreplace").decode())
    else:
        print_qa(report, found, request, Console(highlight=False, width=None if sys.stdout.isatty() else 160))
    return FOUND_WRONG if strict and any(item.is_wrong for item in found) else 0


def _write_page(path: Path, report: QaReport, found: Sequence[Finding], request: QaRequest) -> None:
    """Write the report as a page.

    Raises:
        SidecarError: It cannot be written.
    """
    # matplotlib takes a second to be imported
    from failview.quality.html_report import page  # noqa: PLC0415

    made_at = datetime.now().astimezone().strftime("%d %b %Y, %H:%M")
    content = page(report, found, request.open_at, made_at).encode("utf-8", "replace")
    try:
        replace_computed(path, content)
    except OSError as error:
        raise SidecarError(f"cannot be written: {in_words(error)[0]}", where=path, hint="Name another file") from error
    sys.stderr.write(f"{path}: written\n")
