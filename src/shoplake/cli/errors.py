"""How commands end: 0 done, 1 with one line and its hint, 2 wrong use, 130 for Ctrl-C. Light, for cli.py to import."""

from __future__ import annotations

from typing import Any

import click

from shoplake.errors import ShoplakeError


class Commands(click.Group):
    """Turns what a person can put right into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what is nobody's mistake but ours keeps its traceback."""
        try:
            return super().invoke(ctx)
        except ShoplakeError as error:
            raise click.ClickException(" ".join(str(error).split())) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from error
        except KeyboardInterrupt:
            click.echo("Stopped. Nothing is left half done; start it again when you like.", err=True)
            ctx.exit(130)
