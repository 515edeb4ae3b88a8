"""A chart: the figure for the eye, and one sentence with the data's values for the ear, the test and the diff."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from pipelinelab.charts import theme
from pipelinelab.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_METADATA = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """A finished chart. ``sentence`` says what the figure shows, with its values.

    In a notebook the figure appears with the sentence as its caption and its alternative text; ``repr`` is the
    sentence, so a stored output changes where the data changes and not where a font does.
    """

    figure: Figure = field(compare=False)
    sentence: str
    title: str = ""

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        said = html.escape(self.sentence, quote=True)
        data = base64.b64encode(self.bytes("png")).decode("ascii")
        width = round(self.figure.get_size_inches()[0] * 96)
        return (
            f'<figure style="margin:0"><img alt="{said}" width="{width}" style="max-width:100%;height:auto" '
            f'src="data:image/png;base64,{data}"><figcaption>{said}</figcaption></figure>'
        )

    def bytes(self, form: str = "png") -> bytes:
        """The picture as a file's bytes, ``form`` "png" or "svg". The same chart gives the same bytes: no timestamps.

        Raises UsageError for another form."""
        if form not in _METADATA:
            raise UsageError(f"a chart cannot be saved as {form!r}", "save it as .png or .svg")
        out = io.BytesIO()
        with theme.style():
            self.figure.savefig(out, format=form, dpi=theme.DPI, metadata=_METADATA[form])
        return out.getvalue()

    def save(self, path: str | PurePath) -> None:
        """Write the picture; the ending, .png or .svg, says which. Raises UsageError for another ending."""
        data = self.bytes(PurePath(path).suffix.lstrip(".").lower())
        with open(path, "wb") as file:  # noqa: PTH123 - the reader's own wish, the one file of this room
            file.write(data)
