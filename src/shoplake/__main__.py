"""`python -m shoplake`."""

from shoplake.cli.process import run_process

if __name__ == "__main__":  # worker processes import this module again
    run_process()
