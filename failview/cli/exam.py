"""`failview exam`: label unseen episodes with a known answer; the result is told, and kept, at the end."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from failview.app.open_request import OpenRequest
from failview.cli.annotator_option import Annotator
from failview.cli.errands import annotator_of, labelled
from failview.cli.open import Headless, Screenshots, show
from failview.cli.practice import Gold, require_gold
from failview.errors import SidecarError
from failview.model.annotation import Stage
from failview.model.guise import Guise
from failview.quality.exam import NAME, PASS_KAPPA, ExamResult, exam_result, keep_result
from failview.session.work.errands import EXAM_EPISODES, Errand, errand, gold_labels, last_attempt, unseen
from failview.sidecars.os_errors import in_words
from failview.sidecars.taxonomy_file import load_default_taxonomy

app = typer.Typer(add_completion=False)

FOUND_WRONG = 1
_LEAST = 5
"""An exam of fewer episodes tells nothing."""


@app.command()
def exam(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with the gold episodes.")],
    gold: Gold = "gold",
    episodes: Annotated[int, typer.Option("--episodes", min=1, metavar="N", help="How many.")] = EXAM_EPISODES,
    annotator: Annotator = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    headless: Headless = False,
    screenshots: Screenshots = None,
    result: Annotated[bool, typer.Option("--result", help="Only tell how the exam went; open nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --result: JSON for programs.")] = False,
) -> int:
    """Label unseen gold episodes without proposals; pass with a kappa above 0.75. Exit code 1 when it was not passed.

    Closed before its end, the same command goes on. The result is kept beside the sidecars, in exams.json.
    """
    who = annotator_of(annotator)
    if not result:
        show(
            OpenRequest(
                dataset,
                profile=profile,
                stage=Stage.DETAIL,
                headless=headless,
                screenshots=screenshots,
                errand=_drawn(dataset, profile, gold, who, episodes),
            )
        )
    return _tell(dataset, profile, gold, who, episodes, only_result=result, as_json=as_json)


def _drawn(dataset: Path, profile: Path | None, gold: str, who: str, count: int) -> Errand:
    """The exam to go on with, or a new one.

    Raises:
        SidecarError: There are too few episodes that this person has not seen.
    """
    with labelled(dataset, profile) as known:
        answers = require_gold(gold_labels(known.labels, gold), dataset, gold)
        drawn = errand(known.labels, who, Guise.EXAM, unseen(known.labels, who, Guise.EXAM, answers), count)
    if len(drawn.episode_ids) < _LEAST:
        left, of = len(drawn.episode_ids), f"the {len(answers)} labelled by {gold}"
        new = f"{left} episode{'' if left == 1 else 's'} of {of} {'is' if left == 1 else 'are'} new to {who}"
        what = new if left else f"{who} has seen all of {of}"
        if who == gold:
            what = f"{who} cannot be examined by labels of {who}"
        raise SidecarError(what, where=dataset, hint=f"An exam takes {_LEAST} unseen ones at least")
    return drawn


def _tell(
    dataset: Path, profile: Path | None, gold: str, who: str, count: int, *, only_result: bool, as_json: bool
) -> int:
    """Tell how the last exam went, or how much of it is left; keep the result of a finished one.

    Raises:
        SidecarError: The result cannot be kept, or there is no exam.
    """
    with labelled(dataset, profile) as known:
        answers = require_gold(gold_labels(known.labels, gold), dataset, gold)
        last = last_attempt(known.labels, who, Guise.EXAM)
        rows = [row for row in known.labels.rows if row.annotator == last and row.episode_id in answers]
        file = known.location.companions_of_dataset(NAME)[0]
        going = errand(known.labels, who, Guise.EXAM, unseen(known.labels, who, Guise.EXAM, answers), count)
    if not rows and only_result:
        raise SidecarError(f"{who} has begun no exam here", where=dataset, hint="Leave --result out to begin")
    done = {row.episode_id: row.annotation for row in rows if row.is_finished}
    console = Console(highlight=False)
    if going.annotator == last and not done.keys() >= set(going.episode_ids):
        console.print(f"{len(done)} of {len(going.episode_ids)} done: the same command goes on where you stopped")
        return 0
    found = exam_result(last, gold, done, answers, load_default_taxonomy())
    try:
        keep_result(file, found, max(row.finished_at for row in rows))
    except OSError as error:
        raise SidecarError(f"the result cannot be kept: {in_words(error)[0]}", where=file) from error
    if as_json:
        typer.echo(json.dumps({"annotator": last, "gold": gold, "episodes": found.agreement.n,
                               "kappa": found.agreement.kappa.value, "percentage": found.agreement.percentage.value,
                               "passed": found.passed}, indent=2))  # fmt: skip
    else:
        _print(found, console)
    return 0 if found.passed else FOUND_WRONG


def _print(found: ExamResult, console: Console) -> None:
    verdict = "[green]passed[/green]" if found.passed else "[red]not passed[/red]"
    agreement = found.agreement
    console.print(
        f"{verdict}: kappa {escape(agreement.kappa.text)} over {agreement.n} episodes (wanted above {PASS_KAPPA}), "
        f"{agreement.percentage.value or 0.0:.0%} the same"
    )
    for key, (said, right) in found.wrong.items():
        console.print(f"    {escape(key)}: you said {said.replace('_', ' ')}, gold says {right.replace('_', ' ')}")
