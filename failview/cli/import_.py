"""`failview import`: labels made elsewhere."""

import typer

from failview.cli.import_cvat import cvat
from failview.cli.import_labelstudio import labelstudio
from failview.cli.import_sidecars import sidecars

app = typer.Typer(add_completion=False)


@app.callback()
def import_() -> None:
    """Take over labels made elsewhere."""


app.command(name="sidecars")(sidecars)
app.command(name="labelstudio")(labelstudio)
app.command(name="cvat")(cvat)
