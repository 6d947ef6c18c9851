"""Theme and size of text go back into the settings file, whose other lines and comments stay as they are."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from failview.session.desk.appearance import Appearance


class RememberedLook:
    """Writes what a person changes while failview runs.

    Args:
        look: Tells of changes.
        path: The settings file; a path without a name for none.
        say: Takes one line for the person.
    """

    def __init__(self, look: Appearance, path: Path, say: Callable[[str], None]) -> None:
        self._look = look
        self._path = path
        self._say = say
        if path.name:
            look.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        try:
            _change(self._path, {"theme": self._look.theme, "font_scale": self._look.font_scale})
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            reason = getattr(error, "strerror", None) or error
            self._say(f"Not remembered for the next time: {self._path}: {reason}")


def _change(path: Path, values: dict[str, object]) -> None:
    """Set top-level values of a TOML file; the file is replaced as a whole or not at all.

    Raises:
        OSError: It cannot be read or written.
        UnicodeDecodeError: It is no text.
        TOMLKitError: It is no TOML.
    """
    path = path.resolve()  # the file behind a link is changed, and the link stays
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    document.update(values)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
