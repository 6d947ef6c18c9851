"""`failview card`: a dataset card as README.md, in the form of the Hugging Face hub."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from failview import __version__
from failview.cli.dataset_card_text import DatasetFacts, dataset_card
from failview.cli.export_options import Force, ProfilePath, TaxonomyPath, taxonomy_of
from failview.cli.progress_bar import progress_bar
from failview.cli.qa_report import QaRequest, report_on
from failview.errors import DatasetError
from failview.exporters.whole_output import whole_file
from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.model.taxonomy import Taxonomy

app = typer.Typer(add_completion=False)


@app.command()
def card(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file, README.md as a rule, or a folder for one.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the dataset; the file's without.")] = "",
    licence: Annotated[str, typer.Option("--license", metavar="ID", help="Licence, as the hub names it.")] = "",
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    force: Force = False,
) -> None:
    """Write a dataset card: failure rates, taxonomy, agreement, and how right the detectors are."""
    target = out / "README.md" if out.is_dir() else out
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        vocabulary = taxonomy_of(taxonomy)
        report = report_on(opened, vocabulary, QaRequest(dataset, profile, ""))
        facts = replace(_facts(opened, name, licence), reference_card=_reference_card(target.parent, vocabulary))
        text = dataset_card(facts, report)
    finally:
        opened.close()
    with whole_file(target, opened.path, force=force) as part:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))
    typer.echo(f"{target}: written, from {report.num_final} finished labels of {len(opened.entries)} episodes")


def _reference_card(folder: Path, taxonomy: Taxonomy) -> str:
    """Name of the card that `failview taxonomy card` wrote into the folder; empty where it has none."""
    names = [f"{taxonomy.id}-{taxonomy.version}{suffix}" for suffix in (".pdf", ".html")]
    return next((name for name in names if (folder / name).is_file()), "")


def _facts(dataset: OpenedDataset, name: str, licence: str) -> DatasetFacts:
    rates = [entry.rate_hz for entry in dataset.entries if entry.rate_hz]
    cameras, roles = _what_is_recorded(dataset)
    files = {entry.episode_id: dataset.place(entry.episode_id).path.name for entry in dataset.entries}
    return DatasetFacts(
        name=name or dataset.path.stem,
        format_name=dataset.format_name,
        episodes=len(dataset.entries),
        frames=sum(entry.num_frames for entry in dataset.entries),
        seconds=sum(entry.num_frames / entry.rate_hz for entry in dataset.entries if entry.rate_hz) if rates else None,
        rates_hz=(min(rates), max(rates)) if rates else None,
        cameras=cameras,
        roles=roles,
        variants=files if 1 < len(set(files.values())) < len(files) else {},
        licence=licence,
        failview=__version__,
    )


def _what_is_recorded(dataset: OpenedDataset) -> tuple[dict[str, tuple[int, int]], dict[str, str]]:
    """Cameras and roles of the first episode that can be read."""
    for entry in dataset.entries:
        try:
            episode = dataset.open_episode(entry.episode_id)
        except DatasetError:
            continue
        cameras = {camera.name: (camera.width, camera.height) for camera in episode.cameras.values()}
        return cameras, {role.value: signal.unit for role, signal in sorted(episode.signals.items())}
    return {}, {}
