"""`failview practice`: label episodes with a known answer, and be told at once."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from failview.app.open_request import OpenRequest
from failview.cli.annotator_option import Annotator
from failview.cli.errands import annotator_of, labelled
from failview.cli.open import Headless, Screenshots, show
from failview.errors import SidecarError
from failview.model.annotation import Annotation, Stage
from failview.model.guise import Guise
from failview.session.work.errands import PRACTICE_EPISODES, errand, gold_labels

app = typer.Typer(add_completion=False)

Gold = Annotated[str, typer.Option("--gold", metavar="NAME", help="The annotator whose labels are the answers.")]


@app.command()
def practice(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with the gold episodes.")],
    gold: Gold = "gold",
    episodes: Annotated[int, typer.Option("--episodes", min=1, metavar="N", help="How many.")] = PRACTICE_EPISODES,
    annotator: Annotator = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    headless: Headless = False,
    screenshots: Screenshots = None,
) -> None:
    """Label gold episodes without proposals; each finished one is compared with the gold label field by field.

    The labels are kept as those of "NAME (practice)" and count nowhere.
    """
    who = annotator_of(annotator)
    with labelled(dataset, profile) as known:
        answers = require_gold(gold_labels(known.labels, gold), dataset, gold)
        drawn = errand(known.labels, who, Guise.PRACTICE, answers.keys(), episodes)
    if not drawn.episode_ids:
        raise SidecarError(f"{who} has practised on every episode of {gold}", where=dataset, hint="Try: failview exam")
    drawn = replace(drawn, answers=answers)
    show(
        OpenRequest(
            dataset, profile=profile, stage=Stage.DETAIL, headless=headless, screenshots=screenshots, errand=drawn
        )
    )


def require_gold(answers: dict[str, Annotation], dataset: Path, gold: str) -> dict[str, Annotation]:
    """The gold labels.

    Raises:
        SidecarError: There are none.
    """
    if not answers:
        raise SidecarError(f"{gold} has finished no label here", where=dataset, hint="Name another with --gold NAME")
    return answers
