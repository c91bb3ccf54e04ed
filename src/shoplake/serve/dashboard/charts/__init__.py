"""Charts: a Vega-Lite specification is a value, and becomes an SVG on the server."""
