"""An expert explains two failures: the first shows what its cause looks like, and is seen again from the second."""

import json
from pathlib import Path

from tests.stories.person import Person


def choose(person: Person, key: str, words: str) -> None:
    person.press(key)
    person.write(words)
    person.press("Return", "Esc")


def test_a_clip_of_one_failure_is_played_from_another(person: Person, demo_copy: Path) -> None:
    first = person.episode_id
    person.press("F", "1", "2")
    person.go_to_frame(20)
    person.press("O")
    person.go_to_frame(26)
    person.press("B")
    choose(person, "C", "off-centre")
    person.press("Shift+U", "A", "E", "G", "H")
    person.write("approach too steep")
    person.press("Return")
    person.write("fingers met the cube off its centre")
    person.press("Alt+F", "Esc", "N")
    person.wait_until_left(first)
    second = person.episode_id
    person.press("F", "1", "1")
    choose(person, "C", "off-centre")
    person.go_to_frame(30)
    played: list[int] = []

    def note(frame: int) -> None:
        opened = person.session.open_episode
        if opened is not None and opened.episode.episode_id == first:
            played.append(frame)

    person.session.transport.frame_changed.connect(note)
    person.press("U")
    person.wait_until_left(second)
    assert person.episode_id == first
    person.wait_until_left(first)
    assert person.episode_id == second
    person.wait_until_viewer_stands_at(30)
    assert played == list(range(21, 27))
    person.wait_until_saved()
    folder = demo_copy.with_name(f"{demo_copy.name}.failview")
    kept = json.loads((folder / "reference_clips.json").read_text(encoding="utf-8"))
    clip = {"episode_id": first, "start_frame": 20, "end_frame": 26}
    assert kept["proximal_cause"] == {"off_centre_contact": clip}
    stored = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.maria.failview.json"))]
    chains = [record["causal_chain"] for record in stored if record["causal_chain"]]
    assert [[link["frame"] for link in chain] for chain in chains] == [[26]]
