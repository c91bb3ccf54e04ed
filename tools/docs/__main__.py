"""`python -m tools.docs` writes the generated pages; with `picture` it runs the demo and draws its picture first."""

from __future__ import annotations

import sys

from tools.docs.demo_output import write_demo
from tools.docs.site import write_pages

if __name__ == "__main__":
    if sys.argv[1:] == ["picture"]:
        write_demo()
    write_pages()
