"""The viewer's process: local, offline, and never left behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from failview.errors import ViewerError
from failview.viewer import process
from failview.viewer.connection import Connection
from failview.viewer.process import ViewerProcess, offline_environment
from tests.viewer.desk import Desk

GONE_WITHIN_S = 2.0
PROJECT = Path(__file__).parents[2]


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait(condition: Callable[[], bool], patience_s: float) -> None:
    deadline_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {patience_s} s in vain"
        time.sleep(0.01)


def held_viewer(folder: Path, ending: str) -> tuple["subprocess.Popen[str]", int, int]:
    """A program with a viewer, the viewer's process id, and its supervisor's."""
    program = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("hold_viewer.py")), str(folder), ending],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert program.stdout is not None
    viewer, supervisor = map(int, program.stdout.readline().split())
    return program, viewer, supervisor


@pytest.mark.parametrize("ending", ["kill", "crash", "exit", "end"])
def test_no_viewer_outlives_failview(tmp_path: Path, ending: str) -> None:
    program, viewer, supervisor = held_viewer(tmp_path, "wait" if ending == "kill" else ending)
    if ending == "kill":
        assert is_running(viewer)
        program.kill()
    program.communicate()
    wait(lambda: not is_running(viewer) and not is_running(supervisor), GONE_WITHIN_S)
    assert not list(tmp_path.glob("scratch-*")), "temporary files stay behind"


def test_the_viewer_dies_with_its_supervisor(tmp_path: Path) -> None:
    program, viewer, supervisor = held_viewer(tmp_path, "wait")
    os.kill(supervisor, signal.SIGKILL)
    wait(lambda: not is_running(viewer), GONE_WITHIN_S)
    program.kill()
    program.communicate()


def test_ctrl_c_in_the_terminal_does_not_reach_the_viewer(tmp_path: Path) -> None:
    viewer = ViewerProcess(headless=True, log_dir=tmp_path)
    assert os.getsid(viewer.pid) != os.getsid(0)
    viewer.stop()
    assert not is_running(viewer.pid)
    viewer.stop()


def test_it_listens_on_this_machine_only(desk: Desk) -> None:
    pid = desk.viewer.pid
    assert pid is not None
    listening = [item for item in psutil.Process(pid).net_connections("inet") if item.status == psutil.CONN_LISTEN]
    assert [item.laddr.ip for item in listening] == ["127.0.0.1"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_it_calls_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = tmp_path / "calls"
    traced = tmp_path / "traced"
    traced.write_text(f'#!/bin/sh\nexec strace -D -f -qq -e trace=connect -o {calls} {process.viewer_binary()} "$@"\n')
    traced.chmod(0o755)
    monkeypatch.setattr(process, "viewer_binary", lambda: traced)
    connection = Connection(headless=True, log_dir=tmp_path, cancelled=lambda: False)
    wait(lambda: "htons(9)" in calls.read_text(), 20.0)
    connection.close()
    abroad = [line for line in calls.read_text().splitlines() if "AF_INET" in line and '"127.0.0.1"' not in line]
    assert abroad == [], "the update check was tried, and ended on this machine"


def test_analytics_are_off_without_touching_the_users_setting(tmp_path: Path) -> None:
    environment = offline_environment(tmp_path)
    told = subprocess.run(
        [str(process.viewer_binary()), "analytics", "config"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout)["analytics_enabled"] is False
    assert Path(environment["XDG_CONFIG_HOME"]).is_relative_to(tmp_path)
    assert Path(environment["XDG_DATA_HOME"]).is_relative_to(tmp_path)


def test_its_log_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervisor = Path(process.__file__).with_name("supervisor.py")
    noisy = [sys.executable, "-c", "import os\nfor _ in range(3000): os.write(1, b'x' * 1000)"]
    lifeline, ours = os.pipe()
    command = [sys.executable, str(supervisor), str(log), *noisy]
    subprocess.run(command, stdin=lifeline, capture_output=True, timeout=20, check=True)
    os.close(lifeline)
    os.close(ours)
    assert log.stat().st_size == 1_000_000


def test_a_missing_viewer_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ViewerError, match="not installed"):
        ViewerProcess(headless=True, log_dir=tmp_path)


def test_no_display_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match="no display"):
        ViewerProcess(headless=False, log_dir=tmp_path)


@pytest.mark.parametrize(("headless", "size"), [(False, "926x736"), (True, process.HEADLESS_SIZE)])
def test_a_window_is_as_large_as_it_is_asked_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, headless: bool, size: str
) -> None:
    """A program that writes down its arguments stands for the viewer."""
    program = tmp_path / "rerun"
    program.write_text('#!/bin/sh\necho "$@"\nexec sleep 60\n')
    program.chmod(0o755)
    monkeypatch.setattr(process, "viewer_binary", lambda: program)
    monkeypatch.setenv("DISPLAY", ":0")
    viewer = ViewerProcess(headless=headless, log_dir=tmp_path, window_size=(926, 736))
    wait(lambda: viewer.log_path.exists() and "--window-size" in viewer.log_path.read_text(), 10)
    arguments = viewer.log_path.read_text().split()
    viewer.stop()
    assert arguments[arguments.index("--window-size") + 1] == size


def test_a_machine_without_vulkan_driver_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VK_DRIVER_FILES", str(tmp_path / "none.json"))
    monkeypatch.setenv("VK_ICD_FILENAMES", str(tmp_path / "none.json"))
    monkeypatch.setenv("WGPU_BACKEND", "vulkan")
    with pytest.raises(ViewerError, match="apt install mesa-vulkan-drivers"):
        Connection(headless=True, log_dir=tmp_path, cancelled=lambda: False)


def test_a_port_taken_meanwhile_is_given_up_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as rival:
        rival.bind(("127.0.0.1", 0))
        rival.listen()
        ports = iter([rival.getsockname()[1]])
        honest = process.free_port
        monkeypatch.setattr(process, "free_port", lambda: next(ports, None) or honest())
        connection = Connection(headless=True, log_dir=tmp_path, cancelled=lambda: False)
        assert connection.is_alive
        connection.close()
