"""`failview import cvat`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import AsJson, DatasetPath, ProfilePath, TaxonomyPath, taxonomy_of
from failview.cli.imported_labels import ForceLabels, print_imported
from failview.cli.progress_bar import progress_bar
from failview.errors import ExportError
from failview.exporters.cvat.annotation_file import read_annotations
from failview.exporters.foreign_labels import ForeignLabel, save_labels
from failview.model.annotation import MANUAL, Annotation, AnnotationRecord
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledDataset
from failview.sidecars.codec import LABEL_FIELDS


def cvat(
    dataset: DatasetPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILES…", help="Exports as CVAT for images 1.1, unpacked.")],
    annotator: Annotated[str, typer.Option("--annotator", metavar="NAME", help="Whose labels they are.")],
    force: ForceLabels = False,
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    as_json: AsJson = False,
) -> int:
    """Bring annotations made in CVAT, a file per episode; exit 1 when some are refused."""
    vocabulary = taxonomy_of(taxonomy)
    labels, refused = [], []
    for file in files:
        try:
            labels.append(_label(file, annotator, vocabulary))
        except ExportError as error:
            refused.append((str(file), error.what))
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        result = save_labels(labelled, labels, vocabulary, force=force)
    return print_imported(files[0], result, refused, as_json=as_json)


def _label(file: Path, annotator: str, taxonomy: Taxonomy) -> ForeignLabel:
    read = read_annotations(file)
    known = read.taxonomy or f"{taxonomy.id} {taxonomy.version}"
    taxonomy_id, _, version = known.rpartition(" ")
    empty = Annotation()
    said = [name for name in LABEL_FIELDS if getattr(read.annotation, name) != getattr(empty, name)]
    changed_at = _utc(read.updated, file)
    record = AnnotationRecord(
        episode_id=read.episode_id,
        annotator=annotator,
        taxonomy_id=taxonomy_id,
        taxonomy_version=version,
        annotation=Annotation(
            **{name: getattr(read.annotation, name) for name in said}, provenance=dict.fromkeys(said, MANUAL)
        ),
        source_path="CVAT",
        num_frames=read.num_frames,
        saved_at=changed_at,
    )
    return ForeignLabel(file.name, record, changed_at, 0.0)


def _utc(text: str, file: Path) -> str:
    """When the label was changed, ISO 8601 in UTC: as the file says, else when the file was."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
