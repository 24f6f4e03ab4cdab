"""What a page holds behind a figure whose place a script takes: style, data and script.

The script finds its data by their attribute, and by its value the figure. It is an ordinary deferred one: a
browser loads no module into a page that was opened as a file.
"""

import json
from collections.abc import Mapping
from typing import Any


def block(figure: str, script: str, data: Mapping[str, Any]) -> str:
    """Return what follows a figure of a chapter, as MyST text; parameters as for `markup`."""
    return f"```{{raw}} html\n{markup(figure, script, data, '../_static')}\n```"


def markup(figure: str, script: str, data: Mapping[str, Any], static: str) -> str:
    """Return what follows a figure, as HTML.

    Parameters
    ----------
    figure
        Name of the figure.
    script, data
        As in :class:`attacknet.display.Interactive`.
    static
        Where the page finds the files of ``book/static``.
    """
    # A "<" in a text could end the element; JSON has another way to write it.
    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return "\n".join(
        [
            f'<link rel="stylesheet" href="{static}/{script}/{script}.css">',
            f'<script type="application/json" data-{script}="{figure}">{text}</script>',
            f'<script defer src="{static}/{script}/{script}.js"></script>',
        ]
    )
