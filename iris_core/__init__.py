"""The model half: data sets, models, training, prediction, test runs and their store.

It knows neither Streamlit nor AWS, and TensorFlow is imported only when a function needs it.
"""
