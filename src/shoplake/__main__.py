"""`python -m shoplake`."""

from shoplake.cli.main import main

main(prog_name="shoplake")
