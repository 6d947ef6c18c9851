"""`--annotator`, as the commands that work with labels have it."""

from typing import Annotated, Any

import typer

from failview.errors import SidecarError


def require_name(annotator: str | None) -> str | None:
    """What was given, as it is.

    Raises:
        SidecarError: A name was given, and it is empty.
    """
    if annotator is not None and not annotator.strip():
        raise SidecarError("the annotator has no name", hint="Give one with --annotator NAME, or leave it out")
    return annotator


def annotator_option(meaning: str) -> Any:
    """The option, with what it means to a command."""
    return typer.Option("--annotator", metavar="NAME", help=meaning, callback=require_name)


Annotator = Annotated[str | None, annotator_option("Whose annotations these are.")]
