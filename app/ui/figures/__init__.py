"""Figures: data in, a plotly figure and its text alternative out, without Streamlit.

No colour is named here: `widgets.pictures` draws a figure in those of the theme, light or dark.
"""
