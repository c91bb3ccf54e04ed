"""The view of what tables cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, format_size, pluralize, text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shoplake.operations.observe.cost_report import Cost

NUMBERS = ("runs", "CPU s", "duration s", "MB", "freed MB", "price/month")


@dataclass(frozen=True)
class CostView:
    """Costs by table or by day."""

    costs: Sequence[Cost]
    by: str

    def render(self, console: Console) -> None:
        """Print one line per table or day, and the sum."""
        has_price = any(each.month_price is not None for each in self.costs)
        numbers = NUMBERS if has_price else NUMBERS[:-1]
        table = text_table(self.by, *numbers, numbers=numbers)
        for each in self.costs:
            cells = (format_number(each.runs), f"{each.cpu_s:,.2f}", f"{each.duration_s:,.2f}")
            sizes = (f"{each.size / 1e6:,.1f}", f"{each.freed / 1e6:,.1f}")
            price = (f"{each.month_price or 0:,.4f}",) if has_price else ()
            table.add_row(each.name, *cells, *sizes, *price)
        console.print(table)
        console.print(self._sum(has_price=has_price))

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per table or day; sizes in bytes."""
        return [asdict(each) for each in self.costs]

    def _sum(self, *, has_price: bool) -> str:
        cpu_s, size = sum(each.cpu_s for each in self.costs), sum(each.size for each in self.costs)
        price = f", {sum(each.month_price or 0 for each in self.costs):,.4f} a month" if has_price else ""
        sizes = f", {format_size(size)}" if self.by == "table" else ""
        return f"{pluralize(len(self.costs), self.by)}: {cpu_s:,.2f} CPU seconds{sizes}{price}."
