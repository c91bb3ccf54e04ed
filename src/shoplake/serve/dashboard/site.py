"""The pages as HTML: templates, the navigation and the files beside them."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from shoplake.serve.dashboard.formats import format_range
from shoplake.serve.dashboard.page_state import PRESETS

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Page
    from shoplake.serve.dashboard.page_context import PageContext

NAVIGATION = (
    ("overview", "Overview", "/"),
    ("journey", "Journey", "/journey"),
    ("products", "Products", "/products"),
    ("customers", "Customers", "/customers"),
    ("marketing", "Marketing", "/marketing"),
    ("money", "Money", "/money"),
    ("models", "Models", "/models"),
    ("quality", "Quality", "/quality"),
)
MAX_AGE_HOURS = 26
"""Data is marked as old from this age on: a day and two hours after the last run."""
COMPARISONS = (("previous", "period before"), ("last_year", "same days last year"), ("none", "nothing"))


def read_asset(name: str) -> bytes:
    """Return a file that pages refer to, such as `style.css`."""
    return files("shoplake.serve.dashboard").joinpath("assets", name).read_bytes()


class Site:
    """Renders pages. `feeds` are the names of the feeds that can be chosen."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("shoplake.serve.dashboard"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._version = hashlib.sha256(read_asset("style.css")).hexdigest()[:10]

    def render_page(self, page: Page, context: PageContext, path: str, feeds: list[str]) -> str:
        """Return a page as HTML."""
        state = context.state
        age = context.now - context.generation.as_of
        return self._render(
            "page.html",
            page=page,
            state=state,
            path=path,
            feeds=feeds,
            has_feeds=page.has_feed and len(feeds) > 1,
            navigation=[(name, label, state.link(address)) for name, label, address in NAVIGATION],
            presets=[(days, _preset(context, path, days)) for days in PRESETS],
            unfinished=state.link(path, keep_extra=True, unfinished="" if state.typed.get("unfinished") else "1"),
            comparisons=COMPARISONS,
            range=format_range(state.since, state.until),
            zone=context.zone.key,
            run=context.origin_of_run(),
            is_old=age.total_seconds() > MAX_AGE_HOURS * 3600,
        )

    def render_message(
        self,
        title: str,
        text: str,
        commands: tuple[str, ...] = (),
        *,
        has_form: bool = False,
        link: tuple[str, str] | None = None,
    ) -> str:
        """Return a page with a message alone, with the form for a key, or with a link: its label and address."""
        shown = {"commands": commands, "has_form": has_form, "link": link}
        return self._render("message.html", title=title, text=text, navigation=[], **shown)

    def _render(self, template: str, **values: Any) -> str:
        lines = self._templates.get_template(template).render(style=f"/assets/{self._version}/style.css", **values)
        return "\n".join(line for each in lines.splitlines() if (line := each.strip()))


def _preset(context: PageContext, path: str, days: int) -> tuple[str, bool]:
    state = context.state
    link = state.link(path, keep_extra=True, since=None, until=None, days=days)
    length = (state.until - state.since).days + 1
    return link, length == days
