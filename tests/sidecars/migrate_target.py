"""A process to be killed: migrates a dataset's sidecars and prints each one before it is written.

Usage: migrate_target.py DATASET TAXONOMY.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from failview.sidecars.migration_run import apply_plan, plan_migration
from failview.sidecars.taxonomy_file import load_taxonomy
from failview.sidecars.taxonomy_mapping import load_mapping
from tests.sidecar_places import container_location

Item = TypeVar("Item")


def telling(items: Sequence[Item], what: str) -> Iterator[Item]:
    for item in items:
        if what == "writing sidecars":
            sys.stdout.write("next\n")
            sys.stdout.flush()
        yield item


def main() -> None:
    taxonomy = Path(sys.argv[2])
    location = container_location(sys.argv[1])
    plan = plan_migration(
        location, load_mapping(taxonomy, load_taxonomy(taxonomy)), "2025-02-01T12:00:00+00:00", telling
    )
    apply_plan(plan, location, telling)


main()
