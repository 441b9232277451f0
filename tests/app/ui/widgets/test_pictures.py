"""Pictures come to the screen in the theme's colours, with their words."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest


def script() -> None:
    import pandas as pd
    import plotly.graph_objects as go

    from app.ui.figures.picture import Picture, drawn
    from app.ui.widgets import pictures

    bars = [
        go.Bar(x=[1], y=[2], name=name, legendgroup=group)
        for name, group in (("one", "a"), ("one again", "a"), ("other", "b"))
    ]
    figure = drawn(bars, x="across", y="up")
    pictures.show(Picture(figure, "Three bars.", pd.DataFrame({"n": [2]})), name="bars")


def test_picture_has_the_themes_colours_by_group_and_a_text_alternative() -> None:
    shown = AppTest.from_function(script).run(timeout=30)
    assert not shown.exception
    (chart,) = shown.get("plotly_chart")
    assert chart.proto.alt == "Three bars."
    spec = json.loads(chart.proto.spec)
    # What Streamlit's browser half puts the theme's ten colours for.
    theme = spec["layout"]["template"]["layout"]["colorway"]
    assert theme[:2] == ["#000001", "#000002"]
    assert [bar["marker"]["color"] for bar in spec["data"]] == [theme[0], theme[0], theme[1]]
    (button,) = shown.get("download_button")
    assert button.proto.label == "Numbers as CSV"
