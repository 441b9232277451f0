"""Time and memory against size, for each stage of the loop, and a chart of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bench.alternating_runs import PROJECT, Figures, Side
from bench.dashboard import chromium
from bench.measurement import Measurement

PICTURE = PROJECT / "docs" / "pictures" / "growth-light.png"
WIDTH, HEIGHT = 1000, 420
SIZES: dict[str, tuple[int, ...]] = {
    "load": (10_000, 100_000, 1_000_000),
    "test": (10_000, 100_000, 1_000_000),
    "write": (10_000, 100_000, 1_000_000),
    "filter": (10_000, 100_000),
}
GOAL = 1.3
"""Time of a row in the largest run, relative to the next smaller one."""
Curves = Mapping[str, Mapping[int, Figures]]
"""By stage and number of rows."""


def growth() -> Iterator[Measurement]:
    """Compare the time of a row in runs of growing size, and draw the chart."""
    curves = {
        stage: {rows: _side(stage, rows).run() for rows in sizes} for stage, sizes in SIZES.items()
    }
    for stage, points in curves.items():
        *_, few, many = points
        a_row = {rows: points[rows]["seconds"] / rows for rows in (few, many)}
        yield Measurement(
            f"{stage} {many:,} rows, seconds a row of those of {few:,}",
            a_row[many] / a_row[few],
            GOAL,
            "times",
            f"{points[many]['seconds']:.1f} s, {points[many]['grown']:.0f} MB more than before; "
            f"{points[few]['seconds']:.1f} s, {points[few]['grown']:.0f} MB",
        )
    draw(curves)


def draw(curves: Curves) -> None:
    """Write the chart: two axes of one size, both logarithmic."""
    figure = make_subplots(1, 2, subplot_titles=("Time, seconds", "Memory added, MB"))
    colours = ("#1b6ca8", "#d1495b", "#2e8b57", "#8a5fbf")
    for (stage, points), colour in zip(curves.items(), colours, strict=True):
        for column, name in enumerate(("seconds", "grown"), start=1):
            figure.add_trace(
                go.Scatter(
                    x=list(points),
                    y=[
                        max(1.0, figures[name]) if column == 2 else figures[name]
                        for figures in points.values()
                    ],
                    name=stage,
                    legendgroup=stage,
                    showlegend=column == 1,
                    mode="lines+markers",
                    line={"color": colour},
                ),
                row=1,
                col=column,
            )
    figure.update_xaxes(type="log", title="rows", tickformat="~s", dtick=1)
    figure.update_yaxes(type="log", rangemode="tozero", dtick=1)
    figure.update_layout(template="plotly_white", width=WIDTH, height=HEIGHT, margin={"t": 50})
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(f"<style>body {{ margin: 0 }}</style>{figure.to_html()}")
        page.locator(".main-svg").first.wait_for()
        page.screenshot(path=PICTURE)


def _side(stage: str, rows: int) -> Side:
    """Return the script that measures a stage on so many rows."""
    return (
        Side("bench.stages.filter", (rows, "ours"))
        if stage == "filter"
        else Side("bench.stages.grow", (stage, rows))
    )
