"""The versions of a model, and the model card of one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, text_table
from shoplake.cli.views.models.training import format_splits, print_figures

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.pipeline.models.mlflow_mirror import MirrorResult


@dataclass(frozen=True)
class VersionsView:
    """The versions of a model, to print or to write as JSON."""

    versions: list[dict[str, Any]]
    champion: int | None
    name: str

    def render(self, console: Console) -> None:
        """Print one line per version."""
        if not self.versions:
            console.print(f"No version of {self.name} yet. Train one: shoplake train {self.name}")
            return
        table = text_table(
            "version", "trained", "test day", "AUC", "ECE", "champion", numbers=("version", "AUC", "ECE")
        )
        for row in self.versions:
            forest = row["metrics"]["metrics"]["forest"]
            mark = "yes" if row["version"] == self.champion else ""
            figures = (f"{forest['roc_auc']:.4f}", f"{forest['ece']:.4f}", mark)
            table.add_row(str(row["version"]), f"{row['recorded_at']:%Y-%m-%d %H:%M}", day_of_test(row), *figures)
        console.print(table)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the records of the versions."""
        return [row | {"is_champion": row["version"] == self.champion} for row in self.versions]


@dataclass(frozen=True)
class ModelCardView:
    """One version with its decisions, to print or to write as JSON."""

    row: dict[str, Any]
    decisions: list[dict[str, Any]]

    def render(self, console: Console) -> None:
        """Print the data, the figures by model and segment, and the decisions."""
        row = self.row
        counts = format_splits(row["metrics"]["rows"])
        console.print(f"{row['name']} version {row['version']}, trained {row['recorded_at']:%Y-%m-%d %H:%M} UTC")
        console.print(f"Rows: {counts}; test day {day_of_test(row)}; seed {row['seed']}")
        console.print(f"File: {row['path']}, {format_number(row['size'])} bytes, SHA-256 {row['sha256']}")
        print_figures(console, row)
        segments = text_table("segment", "rows", "churned", "AUC", numbers=("rows", "churned", "AUC"))
        for each in row["metrics"]["segments"]:
            cells = (format_number(each["rows"]), f"{each['base_rate']:.3f}", f"{each['roc_auc']:.4f}")
            segments.add_row(each["segment"], *cells)
        console.print(segments)
        for decision in self.decisions:
            console.print(f"{decision['recorded_at']:%Y-%m-%d %H:%M} {decision['status']}: {decision['reason']}")

    def to_json(self) -> dict[str, Any]:
        """Return the record and the decisions."""
        return self.row | {"decisions": self.decisions}


@dataclass(frozen=True)
class MirrorView:
    """What was copied to MLflow, to print or to write as JSON."""

    result: MirrorResult

    def render(self, console: Console) -> None:
        """Print the copied versions and the champion, with their numbers in MLflow."""
        result = self.result
        for version, number in result.added.items():
            console.print(f"{result.name} version {version} is version {number} in MLflow.")
        if not result.added:
            console.print(f"MLflow has all versions of {result.name}.")
        if result.champion is not None:
            console.print(f"The champion is version {result.champion[0]}, there {result.champion[1]}.")

    def to_json(self) -> dict[str, Any]:
        """Return the versions as pairs of the lake's and MLflow's numbers."""
        return asdict(self.result)


def day_of_test(row: dict[str, Any]) -> str:
    """Return the as-of day of the test rows."""
    return next((day for day, split in row["params"]["days"].items() if split == "test"), "")
