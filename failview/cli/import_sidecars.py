"""`failview import sidecars`: labels that a second annotator made on a copy of the data."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from failview.cli.progress_bar import progress_bar
from failview.cli.sidecar_check import location_of
from failview.errors import SidecarError
from failview.loaders import open_dataset
from failview.sidecars.file_names import is_sidecar_name
from failview.sidecars.importing import Fate, Imported, SidecarImport

FOUND_WRONG = 1
_SIGNS = {Fate.TAKEN: "[green]✓[/green]", Fate.THERE: "[dim]=[/dim]", Fate.REFUSED: "[red]✗[/red]"}


def sidecars(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with the episodes.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILES…", help="Sidecars, or folders with sidecars.")],
    annotator: Annotated[
        str | None, typer.Option("--annotator", metavar="NAME", help="Keep them under this name.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")] = False,
) -> int:
    """Take over sidecars made elsewhere, if they are of these episodes; exit 1 when one is refused.

    An episode is known again by its id, its length and the fingerprint of its content. No label is ever replaced.
    """
    found = sorted(set(_sidecars_in(files)))
    if not found:
        raise SidecarError("no sidecars there", where=files[0], hint="They end in .failview.json")
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        num_frames = {entry.episode_id: entry.num_frames for entry in opened.entries}
        taking = SidecarImport(
            location_of(opened),
            num_frames,
            lambda key: opened.open_episode(key).source.fingerprint,
            annotator,
            dry_run=dry_run,
        )
        taken = [taking.take(path) for path in progress_bar(found, "comparing sidecars with episodes")]
    finally:
        opened.close()
    if as_json:
        files_json = [
            {"path": str(item.path), "fate": item.fate.value, "message": item.words,
             "episode_id": item.episode_id or None, "annotator": item.annotator or None}
            for item in taken
        ]  # fmt: skip
        text = json.dumps({"files": files_json, "dry_run": dry_run}, indent=2, ensure_ascii=False)
        typer.echo(text.encode("utf-8", "backslashreplace").decode())
    else:
        _print(taken, dry_run=dry_run)
    return FOUND_WRONG if any(item.fate is Fate.REFUSED for item in taken) else 0


def _sidecars_in(files: Iterable[Path]) -> Iterable[Path]:
    """Files as they are named; of folders the sidecars in them.

    Raises:
        SidecarError: There is no such file.
    """
    for path in files:
        if path.is_dir():
            yield from (item for item in path.iterdir() if is_sidecar_name(item.name) and item.is_file())
        elif path.exists():
            yield path
        else:
            raise SidecarError("there is no such file or folder", where=path, hint="Check the path")


def _print(taken: Sequence[Imported], *, dry_run: bool) -> None:
    console = Console(highlight=False)
    for item in taken:
        if item.fate is Fate.REFUSED or item.words:
            line = f"{_SIGNS[item.fate]} {escape(str(item.path))}: {escape(item.words)}"
            console.print(line, soft_wrap=True)
    counts = Counter(item.fate for item in taken)
    said = ", ".join(f"{counts[fate]} {fate.value}" for fate in Fate if counts[fate])
    console.print(f"{said}{' (nothing was written)' if dry_run else ''}")
