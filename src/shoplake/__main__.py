"""`python -m shoplake`."""

from shoplake.cli.main import main

if __name__ == "__main__":  # worker processes import this module again
    main(prog_name="shoplake")
