"""`failview open`: label a dataset."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from failview.app.application import run
from failview.app.open_request import OpenRequest, has_display
from failview.app.settings_file import settings_path
from failview.cli.annotator_option import Annotator
from failview.cli.errands import retest as _retest
from failview.cli.progress_bar import progress_bar
from failview.model.annotation import Stage
from failview.session.work.errands import RETEST_AFTER_DAYS, RETEST_EPISODES

app = typer.Typer(add_completion=False)

Headless = Annotated[bool, typer.Option("--headless", help="No window: offscreen panel, headless viewer.")]
Screenshots = Annotated[
    Path | None,
    typer.Option("--screenshots", metavar="DIR", help="Write panel.png and viewer.png there and end (no window)."),
]
EpisodeId = Annotated[str | None, typer.Option("--episode", metavar="ID", help="Episode to open first.")]
Frame = Annotated[int, typer.Option("--frame", min=0, metavar="N", help="Frame to open it at (0-based).")]
StageToOpen = Annotated[
    Stage | None, typer.Option("--stage", help="Stage of the work; where you stopped, or what is left, by default.")
]


@app.command(name="open", epilog=f"Name, theme, size of text and keys: {settings_path()} (see the README).")
def open_(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")],
    episode: EpisodeId = None,
    frame: Frame = 0,
    stage: StageToOpen = None,
    annotator: Annotator = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    taxonomy: Annotated[
        Path | None, typer.Option("--taxonomy", metavar="FILE", help="Your own taxonomy (see failview taxonomy).")
    ] = None,
    layout: Annotated[
        Path | None,
        typer.Option("--layout", metavar="FILE", help="Layout of the viewer in place of that of the stage."),
    ] = None,
    retest: Annotated[
        bool,
        typer.Option("--retest", help="Some of your own finished episodes again, blind: do you agree with yourself?"),
    ] = False,
    after_days: Annotated[
        float, typer.Option("--after-days", min=0.0, metavar="D", help="With --retest: finished so many days ago.")
    ] = RETEST_AFTER_DAYS,
    headless: Headless = False,
    screenshots: Screenshots = None,
) -> None:
    """Label a dataset: panel and viewer. Press ? in the panel for all keys."""
    show(
        OpenRequest(
            dataset,
            profile=profile,
            taxonomy=taxonomy,
            episode_id=episode,
            frame=frame,
            stage=stage or (Stage.DETAIL if retest else None),
            annotator=annotator,
            headless=headless,
            layout=layout,
            screenshots=screenshots,
            errand=_retest(dataset, profile, annotator, RETEST_EPISODES, after_days) if retest else None,
        )
    )


def show(request: OpenRequest) -> None:
    """Run the application; without a display, or for pictures, without a window.

    Raises:
        typer.Exit: The application ended with a code other than 0.
    """
    quiet = request.headless or request.screenshots is not None or not has_display()
    if quiet and request.screenshots is None:
        sys.stderr.write("failview runs without a window; Ctrl+C ends it\n")
    code = run(request.in_mode(headless=quiet), progress_bar)
    if request.screenshots is not None and code == 0:
        sys.stderr.write(f"wrote {request.screenshots / 'panel.png'} and {request.screenshots / 'viewer.png'}\n")
    if code:
        raise typer.Exit(code)
