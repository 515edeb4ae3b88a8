"""``%load_ext pipelinelab``: ``%%inside`` runs a cell in the kept step, ``%query`` asks its database.

Each is a thin face of a plain function: ``step.run(text)`` and ``step.query(sql)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.errors import UsageError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from pipelinelab.session.kept import KeptStep


def _kept(shell: InteractiveShell, name: str) -> KeptStep:
    """The kept step called ``name`` in the user's variables; without a name, the only one there is."""
    from pipelinelab.session.kept import KeptStep

    found = {key: value for key, value in shell.user_ns.items() if isinstance(value, KeptStep) and key[0] != "_"}
    if name:
        if name not in found:
            raise UsageError(f"there is no kept step called {name!r}", "make one with: step = run.kept()")
        return found[name]
    if not found:
        raise UsageError("there is no kept step yet", "make one with: step = run.kept()")
    return list(found.values())[-1]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics."""

    def inside(line: str, cell: str) -> Any:
        """%%inside [STEP] — run the cell's lines in the kept step, as its script would."""
        return _kept(shell, line.strip()).run(cell.rstrip("\n"))

    def query(line: str) -> Any:
        """%query SELECT … — ask the kept step's database; the rows as a DataFrame."""
        return _kept(shell, "").query(line.strip().rstrip(";"))

    register: Any = shell.register_magic_function  # its types know only the decorator's use
    register(inside, "cell", "inside")
    register(query, "line", "query")
