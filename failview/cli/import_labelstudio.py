"""`failview import labelstudio`."""

from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import AsJson, DatasetPath, ProfilePath, TaxonomyPath, taxonomy_of
from failview.cli.imported_labels import Annotator, ForceLabels, print_imported
from failview.cli.progress_bar import progress_bar
from failview.errors import ExportError
from failview.exporters.foreign_labels import save_labels
from failview.exporters.labelstudio.annotations_back import read_export
from failview.proposals.labelled_dataset import LabelledDataset


def labelstudio(
    dataset: DatasetPath,
    file: Annotated[Path, typer.Argument(metavar="EXPORT", help="Label Studio's export, as JSON.")],
    annotator: Annotator = "",
    force: ForceLabels = False,
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    as_json: AsJson = False,
) -> int:
    """Bring annotations of a project that `failview export labelstudio` made; exit 1 when some are refused."""
    labels, refused = read_export(file, annotator)
    if not labels and not refused:
        raise ExportError("holds no submitted annotation", where=file)
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        result = save_labels(labelled, labels, taxonomy_of(taxonomy), force=force)
    return print_imported(file, result, refused, as_json=as_json)
