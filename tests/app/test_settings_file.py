"""The settings file: read with care, refused in one line."""

from pathlib import Path

import pytest

from failview.app.settings_file import load_user_settings
from failview.errors import SettingsError


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_user_settings(tmp_path / "none.toml")
    assert settings.theme == "dark"
    assert settings.annotator
    assert not settings.keys


def test_everything_can_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, 'annotator = "maria"\ntheme = "light"\n[keys]\nonset = ["X", "Y"]\nhelp = "H"\n')
    settings = load_user_settings(path)
    assert (settings.annotator, settings.theme) == ("maria", "light")
    assert settings.keys == {"onset": ("X", "Y"), "help": ("H",)}


def test_the_viewer_can_be_chosen(tmp_path: Path) -> None:
    defaults = load_user_settings(tmp_path / "none.toml")
    assert (dict(defaults.layouts), defaults.readings, defaults.prefetch_mb) == ({}, True, None)
    text = 'readings = false\nprefetch_mb = 300\nlayouts = { triage = "mine.toml", review = "/srv/theirs.toml" }\n'
    settings = load_user_settings(written(tmp_path, text))
    assert settings.layouts == {"triage": tmp_path / "mine.toml", "review": Path("/srv/theirs.toml")}
    assert (settings.readings, settings.prefetch_mb) == (False, 300)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("annotater = 'x'", 'unknown key "annotater"'),
        ("theme = 'pink'", "Choose dark or light"),
        ("annotator = 3", "must be a name in quotes"),
        ("keys = 3", "keys must be a table"),
        ("[keys]\nonset = 3", "keys.onset must be a list of keys"),
        ("theme = ", "cannot be read"),
        ("font_scale = 3.0", "font_scale must be a number from 0.8 to 2.0"),
        ("font_scale = true", "font_scale must be a number"),
        ("font_scale = nan", "font_scale must be a number"),
        ("layouts = 'a.toml'", "layouts must be a table of files"),
        ("layouts = { triage = 3 }", "layouts must be a table of files"),
        ("layouts = { labels = 'a.toml' }", "no stage 'labels'. Stages: triage, detail, review"),
        ("readings = 1", "readings must be true or false"),
        ("prefetch_mb = 0", "prefetch_mb must be a whole number"),
        ("prefetch_mb = true", "prefetch_mb must be a whole number"),
    ],
)
def test_what_means_nothing_is_refused_with_the_file_named(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_user_settings(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_work_is_shared_out_as_the_user_says(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[work]\nseed = 3\nreview_share = 0.5\nambiguous = [0.3, 0.8]\n")
    rules = load_user_settings(path).work
    assert (rules.seed, rules.review_share, rules.ambiguous, rules.blind_share) == (3, 0.5, (0.3, 0.8), 0.1)


@pytest.mark.parametrize(
    "line",
    ["seed = -1", "seed = true", "review_share = 2", 'blind_share = "all"', "ambiguous = [0.7, 0.4]", "sample = 1"],
)
def test_a_share_that_cannot_be_is_refused_with_its_name(tmp_path: Path, line: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"[work]\n{line}\n")
    with pytest.raises(SettingsError, match=line.partition(" ")[0]):
        load_user_settings(path)
