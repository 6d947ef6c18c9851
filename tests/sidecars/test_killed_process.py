"""Killed at any moment, with the disk full, or beside a second failview: what was confirmed is there."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from failview.errors import SidecarLockedError
from failview.model.taxonomy import Taxonomy
from failview.sidecars.store import SidecarStore
from failview.sidecars.validation import validate_record
from tests.sidecar_places import container_location

HERE = Path(__file__).parent
ROUNDS = 20
NIGHTLY_ROUNDS = 200


def kill_after(dataset: Path, seed: int, delay_s: float) -> dict[str, int]:
    """Run the writing process and kill it some time after its first confirmation.

    Returns:
        The last confirmed change of each episode.
    """
    command = [sys.executable, str(HERE / "kill_target.py"), str(dataset), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read().decode()
        # Not a wait for a condition: the moment of the kill is what is varied here.
        time.sleep(delay_s)
        process.kill()
        rest = process.stdout.read()
    lines = [line.split() for line in (first + rest).split(b"\n")[:-1]]
    return {episode.decode(): int(count) for episode, count in lines}


def test_killed_at_any_moment_every_confirmed_change_is_there(
    container: Path, taxonomy: Taxonomy, nightly: bool
) -> None:
    chance = random.Random(7)
    confirmed: dict[str, int] = {}
    for seed in range(NIGHTLY_ROUNDS if nightly else ROUNDS):
        confirmed |= kill_after(container, seed, chance.random() * 0.1)
        with SidecarStore(container_location(container), "anna") as store:
            for episode_id, count in confirmed.items():
                loaded = store.load(episode_id)
                assert loaded.record is not None
                assert loaded.set_aside == ()
                found = loaded.record.annotation.failure_onset_frame or 0
                assert found >= count, f"round {seed}: {episode_id} has change {found}, {count} was confirmed"
                assert set(loaded.record.annotation.notes.split()) <= {str(found)}, "one whole version, not a mixture"
                assert validate_record(loaded.record, taxonomy, num_frames=10**9, finished=False) == []
            leftovers = [path.name for path in store.location.folder.iterdir() if path.name.endswith(".tmp")]
            assert leftovers == []
    assert sum(confirmed.values()) > 100, "the processes lived long enough to change something"


def run_python(code: str, *arguments: str | Path) -> str:
    """Run a script in a process of its own; what it printed."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


HOLD = """
import sys, time
from failview.sidecars.store import SidecarStore
from tests.sidecar_places import container_location
store = SidecarStore(container_location(sys.argv[1]), "anna")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_killed(container: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(container)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(SidecarLockedError, match=rf"another failview \(process {holder.pid} on "):
            SidecarStore(container_location(container), "anna")
        holder.kill()
        holder.wait()
        SidecarStore(container_location(container), "anna").close()


FILL = """
import sys
from dataclasses import replace
from failview.errors import SidecarError
from failview.model.annotation import Annotation, AnnotationRecord
from failview.sidecars.store import SidecarStore
from tests.sidecar_places import container_location
record = AnnotationRecord("demo_0", "anna", "failview-tabletop", "1.0.0")
store = SidecarStore(container_location(sys.argv[1]), "anna")
store.save(replace(record, annotation=Annotation(notes="old")))
store.save(replace(record, annotation=Annotation(notes="kept")))
before = sorted(path.name for path in store.location.folder.iterdir())
{limit}
try:
    store.save(replace(record, annotation=Annotation(notes="x" * {size})))
except SidecarError as error:
    print(error)
assert sorted(path.name for path in store.location.folder.iterdir()) == before, "nothing is left behind"
loaded = store.load("demo_0")
assert loaded.record.annotation.notes == "kept" and not loaded.warnings, loaded
{unlimit}
store.save(replace(record, annotation=Annotation(notes="x" * {size})))
assert len(store.load("demo_0").record.annotation.notes) == {size}
store.close()
"""


def test_at_the_file_size_limit_the_old_version_is_intact_and_one_line_says_why(container: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))"
    unlimit = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"
    line = run_python(FILL.format(limit=limit, unlimit=unlimit, size=20_000), container)
    path = container_location(container).path("demo_0", "anna")
    assert line == f"{path}: not saved: the file would exceed the allowed size. The last saved state is intact\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True, capture_output=True)


def test_on_a_full_disk_the_old_version_is_intact_and_one_line_says_why(small_disk: Path) -> None:
    dataset = small_disk / "data.hdf5"
    dataset.touch()
    limit = """
import os
ballast = store.location.folder.parent / "ballast"
try:
    with ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
except OSError:
    pass
"""
    line = run_python(FILL.format(limit=limit, unlimit="ballast.unlink()", size=20_000), dataset)
    path = container_location(dataset).path("demo_0", "anna")
    assert line == f"{path}: not saved: the disk is full. Free some space; the last saved state is intact\n"
