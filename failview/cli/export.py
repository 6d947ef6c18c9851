"""`failview export`: the labels and the data in the formats that training code reads."""

import typer

from failview.cli.export_cvat import cvat
from failview.cli.export_labelstudio import labelstudio
from failview.cli.export_lerobot import lerobot
from failview.cli.export_rlds import rlds
from failview.cli.export_robomimic import robomimic
from failview.cli.export_rrd import rrd
from failview.cli.export_table import table

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _group() -> None:
    """Export labels and data; one command per format. The dataset itself is never changed."""


app.command("robomimic")(robomimic)
app.command("table")(table)
app.command("rlds")(rlds)
app.command("lerobot")(lerobot)
app.command("labelstudio")(labelstudio)
app.command("cvat")(cvat)
app.command("rrd")(rrd)
