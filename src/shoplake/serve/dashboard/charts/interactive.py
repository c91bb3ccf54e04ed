"""The script that makes a chart interactive in the browser, bundled from the library that also draws on the server."""

from __future__ import annotations

import hashlib
from importlib.metadata import version

SNIPPET = """
const options = {
  mode: "vega-lite", actions: false, ast: true, renderer: "svg", defaultStyle: false,
  tooltip: {disableDefaultStyle: true}
}
const spec = JSON.parse(document.getElementById("chart-spec").textContent)
vegaEmbed(document.getElementById("chart"), spec, options)
"""
"""Reads the specification from the page; `ast` evaluates expressions without `eval`, which the policy forbids."""


def script_name() -> str:
    """Return the file name of the script, which changes with its content."""
    content = f"{version('vl-convert-python')}{SNIPPET}".encode()
    return f"chart-{hashlib.sha256(content).hexdigest()[:10]}.js"


def bundle_script() -> str:
    """Return the script: Vega, Vega-Lite and the snippet; 0.9 MB, about two seconds of work."""
    import vl_convert

    return str(vl_convert.javascript_bundle(SNIPPET))
