"""Makes the environments of tests/consumers/environments.toml in build/consumers; the second time it only looks.

python scripts/consumer_environments.py [NAME …]
"""

import hashlib
import json
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "consumers" / "environments.toml"
FOLDER = ROOT / "build" / "consumers"


def main(names: list[str]) -> None:
    """Make those that are named, or all."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    for name in names or table:
        if name not in table:
            raise SystemExit(f"no consumer {name}; there are {', '.join(table)}")
        make(FOLDER / name, table[name])


def make(folder: Path, row: dict[str, object]) -> None:
    """One environment; it counts when the recipe that it was made by stands in it."""
    recipe = hashlib.sha256(json.dumps([row, sys.version], sort_keys=True).encode()).hexdigest()
    done = folder / "made-by.txt"
    if done.is_file() and done.read_text(encoding="utf-8") == recipe:
        return
    print(f"making {folder}", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    steps = list(row["steps"])  # type: ignore[call-overload]
    if row.get("failview"):
        steps.append(["--editable", str(ROOT)])
    for step in steps:
        command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *step]
        subprocess.run(command, check=True)
    done.write_text(recipe, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
