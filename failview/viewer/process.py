"""The native Rerun viewer as a child process: local only, offline, and never left behind."""

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import platformdirs
import psutil

from failview.errors import ViewerError
from failview.viewer.supervisor import SCRATCH_VARIABLE

HOST = "127.0.0.1"
MEMORY_LIMIT = "50%"
"""Of the machine's memory; Rerun then drops the oldest data. Episodes are closed long before."""

SERVER_MEMORY_LIMIT = "1MB"
"""The viewer's server keeps all it receives for viewers that come later. Nobody comes later."""

HEADLESS_SIZE = "1600x1000"
WINDOW_SIZE = (1440, 1000)
"""Usual width and height."""
STOP_S = 5.0
KEPT_LOGS = 5

_NOWHERE = "http://127.0.0.1:9"
"""The discard port: proxied requests are refused at once, on this machine."""

_DRIVER_CLUES = ("No graphics adapter was found", "No suitable graphics adapter", "Failed to find a suitable")
_DISPLAY_CLUES = ("XOpenDisplay", "WAYLAND_DISPLAY", "neither", "DISPLAY")


def viewer_binary() -> Path:
    """The viewer of the installed rerun-sdk.

    Raises:
        ViewerError: It is not there.
    """
    found = importlib.util.find_spec("rerun_cli")
    folders = [] if found is None else list(found.submodule_search_locations or [])
    for folder in folders:
        binary = Path(folder) / "rerun"
        if binary.is_file():
            return binary
    where = folders[0] if folders else None
    hint = "Reinstall it with `pip install --force-reinstall rerun-sdk`."
    raise ViewerError("the Rerun viewer is not installed", where=where, hint=hint)


def free_port() -> int:
    """A port that was free on 127.0.0.1 a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def offline_environment(config_dir: Path) -> dict[str, str]:
    """Environment of the viewer: its own configuration with analytics off, and no way to the network.

    Rerun reads its analytics switch from a file, and looks for updates at api.github.com when it starts (0.41), which
    no option turns off. It obeys the proxy variables, so they name a port where nobody listens.
    """
    config_file = config_dir / "config" / "rerun" / "analytics.json"
    data_dir = config_dir / "data"
    config_file.parent.mkdir(parents=True, exist_ok=True)
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = {
        "analytics_enabled": False,
        "analytics_id": "",
        "metadata": {},
        "config_file_path": str(config_file),
        "data_dir_path": str(data_dir),
    }
    config_file.write_text(json.dumps(settings), encoding="utf-8")
    environment = dict(os.environ)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        environment[name] = environment[name.lower()] = _NOWHERE
    environment.update(
        XDG_CONFIG_HOME=str(config_dir / "config"),
        XDG_DATA_HOME=str(data_dir),
        RUST_LOG="warn",
        NO_COLOR="1",
        TELEMETRY_ENABLED="false",
    )
    return environment


def _scratch(folder: Path) -> dict[str, str]:
    """Where the viewer puts temporary files; the supervisor removes it."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": str(folder), SCRATCH_VARIABLE: str(folder)}


def _forget_old_logs(folder: Path) -> None:
    """Keep the latest logs of viewers that ended by themselves."""
    logs = sorted(folder.glob("viewer-*.log"), key=lambda log: log.stat().st_mtime)
    for log in logs[:-KEPT_LOGS]:
        log.unlink(missing_ok=True)


class ViewerProcess:
    """One running viewer and its supervisor.

    Attributes:
        port: Port of 127.0.0.1 that it listens on.
        pid: Process id of the viewer.
        log_path: Its output.
    """

    def __init__(
        self, *, headless: bool, log_dir: Path | None = None, window_size: tuple[int, int] = WINDOW_SIZE
    ) -> None:
        """Start the viewer with a window so wide and high, if any; it takes a moment until it answers.

        Raises:
            ViewerError: It cannot be started.
        """
        binary = viewer_binary()
        if not headless and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise ViewerError("there is no display for the Rerun viewer", hint="Use --headless, or set DISPLAY.")
        home = platformdirs.user_cache_path("failview") / "viewer" if log_dir is None else log_dir
        self.port = free_port()
        self.log_path = home / f"viewer-{self.port}.log"
        _forget_old_logs(home)
        try:
            environment = offline_environment(home) | _scratch(home / f"scratch-{self.port}")
            size = HEADLESS_SIZE if headless else "{}x{}".format(*window_size)
            self._supervisor = self._spawn(binary, size, headless=headless, environment=environment)
        except OSError as error:
            raise ViewerError(f"the Rerun viewer cannot be started ({error.strerror})", where=error.filename) from error
        assert self._supervisor.stdout is not None
        line = self._supervisor.stdout.readline().strip()
        if not line.isdigit():
            self.stop()
            raise ViewerError("the Rerun viewer cannot be started", where=binary, hint="Is the file executable?")
        self.pid = int(line)

    def _spawn(
        self, binary: Path, size: str, *, headless: bool, environment: dict[str, str]
    ) -> "subprocess.Popen[bytes]":
        command = [str(binary), "--bind", HOST, "--port", str(self.port), "--hide-welcome-screen"]
        command += ["--server-memory-limit", SERVER_MEMORY_LIMIT, "--memory-limit", MEMORY_LIMIT]
        command += ["--window-size", size]
        command += ["--headless"] if headless else []
        supervisor = Path(__file__).with_name("supervisor.py")
        return subprocess.Popen(
            [sys.executable, "-I", str(supervisor), str(self.log_path), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # Ctrl+C in the terminal is for failview, which then ends the viewer in order
        )

    @property
    def url(self) -> str:
        """Address for the Rerun SDK."""
        return f"rerun+http://{HOST}:{self.port}/proxy"

    @property
    def is_alive(self) -> bool:
        """Whether the viewer still runs."""
        return self._supervisor.poll() is None

    @property
    def port_is_taken(self) -> bool:
        """Whether another program answers on the port. Rerun then waits for it without end, and so would a client."""
        with socket.socket() as probe:
            if probe.connect_ex((HOST, self.port)) != 0:
                return False
        return not self.listens

    @property
    def listens(self) -> bool:
        """Whether the viewer itself accepts connections."""
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:
            return False
        return any(item.laddr.port == self.port and item.status == psutil.CONN_LISTEN for item in connections)

    def why_dead(self) -> ViewerError:
        """The likely reason why the viewer ended, from its log."""
        try:
            log = self.log_path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            log = ""
        if any(clue in log for clue in _DRIVER_CLUES):
            hint = "Install one: `apt install mesa-vulkan-drivers`."
            return ViewerError("the Rerun viewer found no Vulkan driver", hint=hint)
        if any(clue in log for clue in _DISPLAY_CLUES):
            return ViewerError("the Rerun viewer cannot open a window on this display", hint="Use --headless.")
        return ViewerError("the Rerun viewer ended", hint=f"Its log is {self.log_path}.")

    def stop(self) -> None:
        """End the viewer and wait until it is gone. Safe to repeat."""
        assert self._supervisor.stdin is not None
        assert self._supervisor.stdout is not None
        ended_by_us = self.is_alive
        with contextlib.suppress(BrokenPipeError):
            self._supervisor.stdin.close()
        try:
            self._supervisor.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        self._supervisor.stdout.close()
        if ended_by_us:
            self.log_path.unlink(missing_ok=True)
