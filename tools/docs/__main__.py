"""`python -m tools.docs` writes the generated pages; `python -m tools.docs picture` the demo's output and picture."""

from __future__ import annotations

import sys

from tools.docs.demo_output import write_demo
from tools.docs.site import write_pages

if __name__ == "__main__":
    write_demo() if sys.argv[1:] == ["picture"] else write_pages()
