"""The command line: which commands there are, and how errors become one line and an exit code.

Exit codes: 0 done; 1 done, and something was found wrong; 2 could not do it.
"""

import difflib
import importlib
import logging
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer._click.exceptions import ClickException  # typer ships its own click and exports no base of its errors
from typer.core import TyperGroup

from failview import __version__
from failview.errors import FailviewError

DONE = 0
FOUND_WRONG = 1
COULD_NOT = 2
INTERRUPTED = 130
"""128 + SIGINT, what a shell reports for Ctrl+C."""


@dataclass(frozen=True)
class CommandRow:
    """A command: its module is imported when somebody asks for it, so that the others start fast."""

    name: str
    module: str
    title: str


COMMANDS = (
    CommandRow("open", "failview.cli.open", "Label a dataset: panel and viewer."),
    CommandRow("demo", "failview.cli.demo", "Try failview on the bundled demo dataset."),
    CommandRow("inspect", "failview.cli.inspect", "Say what a dataset holds and which role each stream got."),
    CommandRow("detect", "failview.cli.detect", "Run all detectors and propose what each episode is."),
    CommandRow("calibrate", "failview.cli.calibrate", "Tune the detectors on labelled episodes."),
    CommandRow("status", "failview.cli.status", "Say per stage what is done and left, and what to do next."),
    CommandRow("validate", "failview.cli.validate", "Check sidecars against schema, taxonomy, rules and episodes."),
    CommandRow("export", "failview.cli.export", "Write labels and data in the formats that training code reads."),
    CommandRow("import", "failview.cli.import_", "Bring annotations made elsewhere into sidecars."),
    CommandRow("render", "failview.cli.render", "Videos of episodes with labels and signals drawn beside the picture."),
    CommandRow("qa", "failview.cli.qa", "Say how good the labels are, and what to mend in them."),
    CommandRow("practice", "failview.cli.practice", "Label episodes with a known answer, and be told at once."),
    CommandRow("exam", "failview.cli.exam", "Label unseen episodes with a known answer, and be told at the end."),
    CommandRow("card", "failview.cli.dataset_card", "Write a dataset card: failure rates, taxonomy, agreement."),
    CommandRow("splits", "failview.cli.splits", "Divide the labelled episodes into training, validation and test."),
    CommandRow("taxonomy", "failview.cli.taxonomy", "Show, check or print a taxonomy; move labels to a new version."),
)
_ROWS = {row.name: row for row in COMMANDS}


class _LazyGroup(TyperGroup):
    """Commands from the table; each module offers `app`, a Typer with its command or commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the table."""
        return [row.name for row in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported now; None when there is none."""
        row = _ROWS.get(cmd_name)
        if row is None:
            return None
        command: Any = typer.main.get_command(importlib.import_module(row.module).app)
        command.name = row.name
        _show_flags_as_such(command, ctx)
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the commands without importing them."""
        width = max(len(row.name) for row in COMMANDS)
        lines = [
            "failview finds, labels and explains failures in robot demonstration episodes.",
            "",
            "Usage: failview COMMAND [OPTIONS]",
            "",
            *(f"  {row.name:<{width}}  {row.title}" for row in COMMANDS),
            "",
            "  --version  Print the version.",
            "  --debug    Show the traceback of an error (with any command).",
            "  --help     Show this, or with a command: its options.",
            "",
            "Exit codes: 0 done; 1 done, and something was found wrong; 2 could not do it.",
        ]
        formatter.write("\n".join(lines) + "\n")


def _show_flags_as_such(command: Any, ctx: Any) -> None:
    """In the help, typer writes the type behind every option, behind a flag as well: as if it took a <bool>."""
    for option in command.get_params(ctx):
        if getattr(option, "is_flag", False):
            option.metavar = ""
    for part in getattr(command, "commands", {}).values():
        _show_flags_as_such(part, ctx)


app = typer.Typer(cls=_LazyGroup, add_completion=False)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"failview {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
) -> None:
    """Failview finds, labels and explains failures in robot demonstration episodes."""


def run(arguments: list[str]) -> int:
    """Run a command line.

    Args:
        arguments: The words after the program's name.

    Returns:
        The exit code.
    """
    debug = "--debug" in arguments
    words = [word for word in arguments if word != "--debug"] or ["--help"]
    if debug:
        logging.basicConfig(format="%(message)s")
        logging.getLogger("failview").setLevel(logging.DEBUG)
    try:
        code = typer.main.get_command(app).main(args=words, prog_name="failview", standalone_mode=False)
    except FailviewError as error:
        return _give_up(str(error), debug=debug)
    except ClickException as error:
        return _give_up(f"{error.format_message()} {_advice(words)}", debug=debug)
    except BrokenPipeError:
        # Whoever reads our output has seen enough (`| head`). Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("stopped", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person never sees a traceback unasked
        line = f"unexpected {type(error).__name__}: {error}. Run again with --debug and report what it shows"
        return _give_up(line, debug=debug)
    return code if isinstance(code, int) else DONE


def _advice(words: list[str]) -> str:
    """What to try after a command line that was not understood."""
    command = next((word for word in words if not word.startswith("-")), "")
    if command in _ROWS:
        return f"Try: failview {command} --help"
    meant = difflib.get_close_matches(command, _ROWS, n=1)
    return f'Did you mean "{meant[0]}"?' if meant else "Try: failview --help"


def _give_up(line: str, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    typer.echo(f"failview: {' '.join(line.split())}", err=True)
    return COULD_NOT


def main() -> None:
    """The console script. A polite kill ends it as Ctrl+C does: in order, with all of its processes."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))
