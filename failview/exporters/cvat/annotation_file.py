"""The annotations of an episode in the form "CVAT for images 1.1", written and read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from failview.errors import ExportError
from failview.exporters.cvat import names
from failview.exporters.flat_label import storable
from failview.exporters.overlay.frame_picture import HEIGHT, WIDTH
from failview.model.annotation import Annotation, Attribution, Outcome, RecoveryOutcome, Severity
from failview.model.detection import EpisodeFindings
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledEpisode

_MARKS = {names.ONSET: "failure_onset_frame", names.OBVIOUS: "failure_obvious_frame"}
_KINDS: Mapping[str, Any] = {
    "outcome": Outcome,
    "recovery_outcome": RecoveryOutcome,
    "severity": Severity,
    "attribution": Attribution,
}
_OF_FAILURES = ("failure_category", "failure_subcategory", "recovery_outcome", "root_cause", *_MARKS.values())


@dataclass(frozen=True)
class WriteAnnotations:
    """Writes the annotations of episodes: the finished label, else what the detectors propose."""

    taxonomy: Taxonomy

    def __call__(self, labelled: LabelledEpisode, path: Path) -> tuple[str, ...]:
        """Write the file of one episode."""
        episode = labelled.episode
        label = labelled.annotation or _proposed(labelled.findings)
        root = ET.Element("annotations")
        ET.SubElement(root, "version").text = "1.1"
        task = ET.SubElement(ET.SubElement(root, "meta"), "task")
        for name, value in (("name", episode.episode_id), ("size", episode.num_frames), ("mode", "annotation")):
            ET.SubElement(task, name).text = str(value)
        tags = dict(_frame_tags(label))
        for frame in range(episode.num_frames):
            about = {"id": str(frame), "name": f"frame_{frame:06d}", "width": str(WIDTH), "height": str(HEIGHT)}
            image = ET.SubElement(root, "image", about)
            if frame == 0:
                self._episode_tag(image, labelled, label)
            for name in (names.ONSET, names.OBVIOUS, names.RECOVERY):
                if name in tags.get(frame, ()):
                    ET.SubElement(image, "tag", label=name, source="manual")
        ET.indent(root)
        path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
        return ()

    def _episode_tag(self, image: ET.Element, labelled: LabelledEpisode, label: Annotation) -> None:
        tag = ET.SubElement(image, "tag", label=names.EPISODE, source="manual")
        said = {name: getattr(label, name) for name in names.choices(self.taxonomy) if name != names.PREVENTABLE}
        values = {names.PREVENTABLE: names.NOT_SAID, **{name: str(value or "") for name, value in said.items()}}
        if label.preventable is not None:
            values[names.PREVENTABLE] = names.YES if label.preventable else names.NO
        values |= {name: getattr(label, name) for name in names.TEXTS}
        sure = label.annotator_confidence
        values[names.CONFIDENCE] = "" if sure is None else f"{sure:g}"
        values[names.EPISODE_ID] = labelled.episode.episode_id
        values[names.TAXONOMY] = f"{self.taxonomy.id} {self.taxonomy.version}"
        for name, value in values.items():
            # XML holds no control characters, escaped or not.
            ET.SubElement(tag, "attribute", name=name).text = "".join(
                sign if sign.isprintable() or sign in "\n\t" else " " for sign in storable(value)
            )


def _proposed(findings: EpisodeFindings | None) -> Annotation:
    if findings is None:
        return Annotation()
    return Annotation(**{field.value: item.value for field, item in findings.proposal.items()})  # type: ignore[arg-type]


def _frame_tags(label: Annotation) -> Iterator[tuple[int, set[str]]]:
    tags: dict[int, set[str]] = {}
    for name, field in _MARKS.items():
        if (frame := getattr(label, field)) is not None:
            tags.setdefault(frame, set()).add(name)
    start, end = label.recovery_start_frame, label.recovery_end_frame
    if start is not None:
        for frame in range(start, (start if end is None else end) + 1):
            tags.setdefault(frame, set()).add(names.RECOVERY)
    yield from tags.items()


@dataclass(frozen=True)
class ReadAnnotations:
    """What a file says.

    Attributes:
        episode_id: Of the tag on the first frame, else the name of the task.
        num_frames: Number of its frames.
        taxonomy: Id and version; empty when the file does not say.
        annotation: The label, without provenance.
        updated: When the task was changed last; empty when the file does not say.
    """

    episode_id: str
    num_frames: int
    taxonomy: str
    annotation: Annotation
    updated: str


def read_annotations(path: Path) -> ReadAnnotations:
    """Read the annotations of an episode.

    Raises:
        ExportError: The file is none of "CVAT for images 1.1", or says what cannot be.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExportError(f"cannot be read ({error.strerror})", where=path) from error
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ExportError("declares entities, which CVAT never does", where=path)
    try:
        root = ET.fromstring(content)  # noqa: S314 - without entities there is nothing to expand
    except ET.ParseError as error:
        raise ExportError(f"is no XML ({error})", where=path) from error
    images = root.findall("image")
    if root.tag != "annotations" or not images:
        raise ExportError("is no export of CVAT for images", where=path, hint="Export as CVAT for images 1.1")
    try:
        return _read(root, images)
    except (ValueError, KeyError) as error:
        raise ExportError(f"cannot be understood ({error})", where=path) from error


def _read(root: ET.Element, images: list[ET.Element]) -> ReadAnnotations:
    said: dict[str, str] = {}
    marks: dict[str, list[int]] = {}
    for image in images:
        for tag in image.findall("tag"):
            marks.setdefault(tag.get("label", ""), []).append(int(image.attrib["id"]))
            if tag.get("label") == names.EPISODE:
                said = {item.get("name", ""): (item.text or "").strip() for item in tag.findall("attribute")}
    size = root.findtext("meta/task/size") or root.findtext("meta/job/size")
    return ReadAnnotations(
        said.get(names.EPISODE_ID) or root.findtext("meta/task/name") or "",
        int(size) if size else 0,
        said.get(names.TAXONOMY, ""),
        _annotation(said, marks),
        root.findtext("meta/task/updated") or root.findtext("meta/dumped") or "",
    )


def _annotation(said: Mapping[str, str], marks: Mapping[str, list[int]]) -> Annotation:
    values: dict[str, Any] = {
        name: _KINDS[name](text) if name in _KINDS else text
        for name in (
            "outcome",
            "failure_category",
            "failure_subcategory",
            "recovery_outcome",
            "severity",
            "attribution",
            "proximal_cause",
            "distal_cause",
        )
        if (text := said.get(name))
    }
    values |= {name: said[name] for name in names.TEXTS if said.get(name)}
    values |= {field: min(marks[name]) for name, field in _MARKS.items() if name in marks}
    if said.get(names.CONFIDENCE):
        values[names.CONFIDENCE] = float(said[names.CONFIDENCE])
    if said.get(names.PREVENTABLE):
        values[names.PREVENTABLE] = said[names.PREVENTABLE] == names.YES
    if names.RECOVERY in marks:
        values["recovery_attempted"] = True
        values["recovery_start_frame"], values["recovery_end_frame"] = (
            min(marks[names.RECOVERY]),
            max(marks[names.RECOVERY]),
        )
    elif values.get("recovery_outcome") is RecoveryOutcome.NO_ATTEMPT:
        values["recovery_attempted"] = False
    if values.get("outcome") is Outcome.SUCCESS:
        for name in [name for name in values if name in _OF_FAILURES or name.startswith("recovery_")]:
            del values[name]
    return Annotation(**values)
