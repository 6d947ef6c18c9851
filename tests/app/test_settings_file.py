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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("annotater = 'x'", 'unknown key "annotater"'),
        ("theme = 'pink'", "Choose dark or light"),
        ("annotator = 3", "must be a name in quotes"),
        ("keys = 3", "keys must be a table"),
        ("[keys]\nonset = 3", "keys.onset must be a list of keys"),
        ("theme = ", "cannot be read"),
    ],
)
def test_what_means_nothing_is_refused_with_the_file_named(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_user_settings(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
