"""What is changed at the keyboard is there the next time, and the settings file stays its owner's."""

import os
from pathlib import Path

import pytest

from failview.app.remembered_look import RememberedLook
from failview.app.settings_file import load_user_settings
from failview.session.desk.appearance import Appearance

MINE = '# my settings\nannotator = "maria"   # me\n\ntheme = "dark"  # at night\n\n[keys]\nonset = ["F9"] # far away\n'


def remembered(path: Path) -> tuple[Appearance, RememberedLook, list[str]]:
    said: list[str] = []
    look = Appearance(said.append)
    return look, RememberedLook(look, path, said.append), said


def test_comments_and_other_settings_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(MINE, encoding="utf-8")
    look, _kept, _said = remembered(path)
    look.switch_theme()
    look.enlarge(1)
    text = path.read_text(encoding="utf-8")
    assert text.replace('theme = "light"', 'theme = "dark"').replace("font_scale = 1.1\n", "") == MINE
    settings = load_user_settings(path)
    assert (settings.theme, settings.font_scale, settings.annotator) == ("light", 1.1, "maria")
    assert settings.keys == {"onset": ("F9",)}


def test_a_first_file_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    look, _kept, _said = remembered(path)
    look.enlarge(2)
    assert load_user_settings(path).font_scale == 1.1
    assert [item.name for item in path.parent.iterdir()] == ["settings.toml"]


def test_a_link_stays_a_link_and_the_mode_is_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    real.write_text(MINE, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    look, _kept, _said = remembered(link)
    look.switch_theme()
    assert link.is_symlink()
    assert load_user_settings(real).theme == "light"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_no_toml_any_more_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = ", encoding="utf-8")
    look, _kept, said = remembered(path)
    look.switch_theme()
    assert path.read_text(encoding="utf-8") == "theme = "
    assert said[0].startswith(f"Not remembered for the next time: {path}: ")
    assert "\n" not in said[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    look, _kept, said = remembered(folder / "settings.toml")
    look.switch_theme()
    assert said == [f"Not remembered for the next time: {folder / 'settings.toml'}: Permission denied"]
    assert list(folder.iterdir()) == []
