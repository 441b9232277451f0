"""The cost of each decision cut-off as a picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.ui.figures.picture import Picture, drawn


def cost_curve(
    cut_offs: NDArray[np.float64],
    costs: NDArray[np.float64],
    *,
    chosen: tuple[float, float],
    stored: float,
) -> Picture:
    """Return what 1,000 records cost by the cut-off.

    Args:
        cut_offs: (points,) decreasing, the first one infinity: it never says the class.
        costs: (points,) of each.
        chosen: a cut-off and its cost.
        stored: what the stored predictions cost.
    """
    # What is never said costs as much from the highest probability up to 1.
    marks = [min(1.0, cut_off) for cut_off in cut_offs.tolist()]
    line = go.Scatter(
        x=marks,
        y=costs.tolist(),
        mode="lines",
        # The cost of a cut-off holds from the one below it on.
        line={"shape": "hv"},
        name="cost by cut-off",
        hovertemplate="from %{x:.3g} on: %{y:,.1f}<extra></extra>",
    )
    flat = go.Scatter(
        x=[0, 1], y=[stored, stored], mode="lines", line={"dash": "dot"}, name="as predicted",
        hoverinfo="skip",
    )  # fmt: skip
    point = go.Scatter(
        x=[min(1.0, chosen[0])], y=[chosen[1]], mode="markers", marker={"size": 12}, name="chosen",
        hoverinfo="skip",
    )  # fmt: skip
    figure = drawn(
        [line, flat, point],
        x="cut-off",
        y="cost of 1,000 records",
        height=320,
        xaxis={"range": [-0.02, 1.02]},
        yaxis={"rangemode": "tozero"},
    )
    lowest = int(costs.argmin())
    return Picture(
        figure,
        f"Cost of 1,000 records by cut-off: {costs[lowest]:,.1f} at {marks[lowest]:.3g} at the "
        f"least, {chosen[1]:,.1f} at {chosen[0]:.3g}, {stored:,.1f} as predicted.",
        pd.DataFrame({"cut-off": marks, "cost of 1,000 records": costs}),
    )
