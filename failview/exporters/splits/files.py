"""Splits as files: one JSON with everything, one list of episode ids per part."""

import json
from pathlib import Path
from typing import Any

from failview.errors import ExportError
from failview.exporters.splits.plan import SplitPlan

SPLITS_FILE = "splits.json"


def write_splits(folder: Path, plan: SplitPlan) -> None:
    """Write `splits.json` and `<part>.txt` into a folder that is there."""
    content = json.dumps(plan.as_json(), indent=2, ensure_ascii=False) + "\n"
    (folder / SPLITS_FILE).write_text(content, encoding="utf-8")
    for name, episodes in plan.episodes.items():
        (folder / f"{name}.txt").write_text("".join(f"{episode}\n" for episode in episodes), encoding="utf-8")


def read_splits(path: Path) -> dict[str, list[str]]:
    """Episode ids by the name of the part, from a `splits.json`.

    Raises:
        ExportError: It cannot be read, or is something else.
    """
    try:
        plain: Any = json.loads(path.read_text(encoding="utf-8"))
        found = {str(name): [str(key) for key in part["episodes"]] for name, part in plain["splits"].items()}
    except OSError as error:
        raise ExportError(f"cannot be read ({error.strerror})", where=path, hint="Check the path") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        hint = "failview splits writes one"
        raise ExportError(f"holds no splits ({type(error).__name__}: {error})", where=path, hint=hint) from error
    return found
