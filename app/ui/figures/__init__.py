"""Pictures of data: data in, a plotly figure and its text alternative out. Know no screen.

No colour is named here: whoever draws a figure brings the theme's, in light and in dark.
"""
