"""Errors that a person reads: what is wrong, where, and what to do, in one line."""

from pathlib import Path


class FailviewError(Exception):
    """Something that failview could not do, told in one line.

    Args:
        what: What is wrong, as a short clause without a full stop.
        where: The file, folder, stream or field that it is about.
        hint: What the reader can do about it.
    """

    def __init__(self, what: str, *, where: str | Path | None = None, hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(self._line())

    def _line(self) -> str:
        line = self.what if self.where is None else f"{self.where}: {self.what}"
        if self.hint:
            line = f"{line}. {self.hint}"
        return " ".join(line.split())


class DatasetError(FailviewError):
    """A dataset, or one episode of it, cannot be read."""


class ProfileError(FailviewError):
    """A profile has a wrong key, unit or value."""


class DetectionError(FailviewError):
    """An episode could not be judged at all."""


class TaxonomyError(FailviewError):
    """A taxonomy file is not usable."""


class SidecarError(FailviewError):
    """A sidecar cannot be read or written."""


class SidecarLockedError(SidecarError):
    """Another failview writes this annotator's sidecars now."""


class ViewerError(FailviewError):
    """The Rerun viewer cannot be started or reached."""


class ClusterError(FailviewError):
    """Work cannot be handed to a cluster."""


class ExportError(FailviewError):
    """Something cannot be exported, or not to that place."""


class SettingsError(FailviewError):
    """The user's settings file has a wrong key or value."""
