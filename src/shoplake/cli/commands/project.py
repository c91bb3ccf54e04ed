"""Commands that set up a project: init, demo, generate, verify-source."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import CONFIG, FILE, FOLDER, NumberRange, json_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.project.landing_files import LandingFiles

SIMULATED_KINDS = {
    "zenith": ("events", "customers", "products", "shop", "orders", "features"),
    "retailrocket": ("events", "properties"),
    "shopify": ("orders", "customers", "products", "export"),
}
"""Kinds that `generate` can simulate, with the options that not every kind has."""
OPTION_NAMES = {"features": "with"}
"""Options whose parameter has another name."""
GUIDE = "https://github.com/shoplake/shoplake/blob/main/docs/how-to/add-a-feed-kind.md"
"""A page that those have who installed the wheel, too."""
OWN_KIND = f"# Describe the files in a kind of your own, such as feeds/my_shop.py: {GUIDE}"
SIMULATED_PLACE = ("--timezone", "Europe/London", "--currency", "GBP")
"""Where the simulated shop is."""


def kind_words(kind: str) -> list[str]:
    """Return the words that choose a kind on the command line; none for the default."""
    return [] if kind == "zenith" else ["--kind", kind]


def _check_kind(ctx: click.Context, parameter: click.Parameter, kind: str) -> str:
    from shoplake.cli.template import kind_names
    from shoplake.errors import hint

    if kind not in kind_names():
        raise click.BadParameter(f"Unknown kind '{kind}'. {hint(kind, kind_names())}")
    return kind


def _check_zone(ctx: click.Context, parameter: click.Parameter, zone: str | None) -> str | None:
    from shoplake.settings import check_zone

    try:
        return zone and check_zone(zone)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _check_currency(ctx: click.Context, parameter: click.Parameter, currency: str | None) -> str | None:
    from shoplake.declare.currency import UnknownCurrencyError, check_currency

    try:
        return currency and check_currency(currency, "currency")
    except UnknownCurrencyError as error:
        raise click.BadParameter(str(error)) from error


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake init my-shop --timezone Europe/London --currency GBP")
@click.argument("folder", type=FOLDER, required=False)
@click.option(
    "--kind",
    metavar="KIND",
    default="zenith",
    show_default=True,
    callback=_check_kind,
    help="Format of the files: zenith (native), online_retail, retailrocket, rees46, segment, shopify, woocommerce; "
    "without it, that of the files in the landing folder.",
)
@click.option("--path", help="Landing folder of the shop's files.  [default: landing]")
@click.option("--timezone", callback=_check_zone, help="Time zone of the shop's days, such as Europe/London.")
@click.option("--currency", callback=_check_currency, help="Currency of records that name none, such as GBP.")
@click.option("--config", type=FILE, help=f"Settings file to write.  [default: {CONFIG}]")
@click.option("--force", is_flag=True, help="Overwrite an existing settings file.")
@click.pass_context
def init(context: click.Context, /, folder: Path | None, path: str | None, config: Path | None, **options: Any) -> None:
    """Write a settings file; with FOLDER, a project.

    Files that lie in the landing folder already are looked at: without --kind, it is the kind that they look like.
    """
    from shoplake.cli import template
    from shoplake.cli.console import command_line, open_console, print_next_steps
    from shoplake.cli.views.landing import print_landing

    config = config or (folder or Path()) / CONFIG
    path, default = path or str((folder or Path()) / "landing"), path is None
    kind = options["kind"] if context.get_parameter_source("kind") is ParameterSource.COMMANDLINE else None
    landing = _look_into(path, kind)
    outside = _look_into(str(folder), kind) if folder and default and not Path(path).exists() else None
    known = landing or outside
    options["kind"] = known.kind.name if known else options["kind"]
    has_folder = "://" in path or Path(path).expanduser().exists()
    template.write_settings(config, path=path, **options)
    console = open_console()
    files = template.write_project(folder, path) if folder else []
    for file in (config, *files):
        console.print(f"Wrote {file}.", markup=False)
    if landing is not None:
        print_landing(console, landing, path)
    missing = [name for name in ("timezone", "currency") if options[name] is None]
    edit = [f"# Set {' and '.join(missing)} in {config}."] if missing else []
    move = f"# Move the files of the shop in {folder} into {path}. Nothing else is read."
    is_outside = outside is not None and outside.read > 0
    steps = [move] if is_outside else _fill_steps(options["kind"], path, landing, has_folder=has_folder)
    print_next_steps(console, *edit, *steps, command_line("run", config=config))


def _fill_steps(kind: str, path: str, landing: LandingFiles | None, *, has_folder: bool) -> list[str]:
    """Return how files come into the landing folder, or get a kind that reads them."""
    from shoplake.cli.console import command_line

    if landing is None:
        line = command_line("generate", *kind_words(kind), "--landing", quote(path))
        return [f"{line}   # or copy your files there"] if kind in SIMULATED_KINDS and not has_folder else []
    if landing.read:
        return []
    return [OWN_KIND if landing.looks_like is None else f'# Write kind = "{landing.looks_like.name}" there.']


def _look_into(path: str, kind: str | None) -> LandingFiles | None:
    """Return the files in a local folder by a kind, without one by that which they look like; None if there are none.

    Of files that look like no kind, none is read by the default one.
    """
    from shoplake.feeds import KINDS
    from shoplake.project.landing_files import list_landing

    folder = Path(path).expanduser().resolve()
    if "://" in path or not folder.is_dir():
        return None
    landing = list_landing(str(folder), tuple(KINDS.values()), KINDS[kind] if kind else None)
    return landing if landing.count else None


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake demo --events 50000")
@click.option("--folder", type=FOLDER, default=Path("demo"), show_default=True, help="Folder; rebuilt each time.")
@click.option(
    "--events", type=click.IntRange(min=1), default=60_000, show_default=True, help="Approximate number of events."
)
@click.option("--serve", "serves", is_flag=True, help="Then serve the lake, and open its pages in a browser.")
@click.pass_context
def demo(context: click.Context, folder: Path, events: int, serves: bool) -> None:
    """Simulate a shop, build its lake, answer four questions."""
    from shoplake.cli.commands.serve.serve import serve
    from shoplake.cli.console import open_console
    from shoplake.cli.demo.demo import run_demo

    if serves:
        from shoplake.serve.extra import check_extra

        check_extra("shoplake demo --serve")
    run_demo(open_console(), folder, events)
    if serves:
        context.invoke(serve, config=folder / CONFIG, opens_browser=True)


@click.command(
    cls=ShoplakeCommand,
    epilog="Example: shoplake generate --landing landing --events 1000000 --error-rate 0.02",
    renamed={"--dirt": "--error-rate"},
)
@click.option(
    "--kind", type=click.Choice(SIMULATED_KINDS), default="zenith", show_default=True, help="Format of the files."
)
@click.option("--landing", type=FOLDER, default=Path("landing"), show_default=True, help="Folder to write into.")
@click.option(
    "--events",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    help="Approximate number of valid events.",
)
@click.option("--customers", type=click.IntRange(min=1), default=2_000, show_default=True, help="Number of customers.")
@click.option("--products", type=click.IntRange(min=1), default=500, show_default=True, help="Number of products.")
@click.option(
    "--properties", type=click.IntRange(min=1), help="Approximate number of item property records (retailrocket)."
)
@click.option("--export", is_flag=True, help="Write the orders as the admin's CSV export (shopify).")
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True, help="Number of simulated days.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Random seed.")
@click.option(
    "--error-rate",
    type=NumberRange(0, 0.5),
    default=0.0,
    show_default=True,
    help="Faulty records to add, as a ratio of the valid ones.",
)
@click.option(
    "--shop",
    type=click.Choice(("simple", "realistic")),
    default="simple",
    show_default=True,
    help="realistic starts from customers and their orders, with all features but injections.",
)
@click.option("--orders", type=click.IntRange(min=1), help="Number of orders (shopify, realistic).")
@click.option(
    "--with", "features", metavar="NAMES", help="Features of the realistic shop, such as identity,injections."
)
@json_option
@click.pass_context
def generate(ctx: click.Context, /, kind: str, landing: Path, as_json: bool, **options: Any) -> None:
    """Simulate a shop's raw files and their ground truth."""
    arguments = select_arguments(ctx, kind, options)
    from shoplake.cli.console import command_line, open_console, print_next_steps
    from shoplake.cli.output import emit
    from shoplake.cli.views.generate import generate_files, shop_arguments

    given = {name for name in options if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if kind == "zenith":
        arguments = shop_arguments(arguments, given)
    arguments = {name: value for name, value in arguments.items() if value is not None}
    emit(generate_files(open_console(stderr=as_json), landing, kind, **arguments), as_json)
    if not as_json:
        init = command_line("init", *kind_words(kind), "--path", quote(str(landing)), *SIMULATED_PLACE)
        print_next_steps(open_console(), *([] if CONFIG.exists() else [init]), command_line("run"))


def select_arguments(ctx: click.Context, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that a kind has; an option of another kind on the command line is wrong usage."""
    foreign = sorted({name for names in SIMULATED_KINDS.values() for name in names} - {*SIMULATED_KINDS[kind]})
    for name in foreign:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            others = " and ".join(other for other, names in SIMULATED_KINDS.items() if name in names)
            raise click.UsageError(f"--{OPTION_NAMES.get(name, name)} is for --kind {others}, not {kind}.")
    return {name: value for name, value in options.items() if name not in foreign}


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake verify-source retailrocket downloads/")
@click.argument("kind")
@click.argument("path", type=FOLDER)
@json_option
@click.pass_context
def verify_source(ctx: click.Context, kind: str, path: Path, as_json: bool) -> None:
    """Compare files with published ones; exit 1 if they differ."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.verify import SourceCheckView, published_kind
    from shoplake.operations.source_check import check_published_files

    checks = check_published_files(published_kind(kind), path)
    emit(SourceCheckView(checks), as_json)
    ctx.exit(0 if all(check.is_good for check in checks) else 1)
