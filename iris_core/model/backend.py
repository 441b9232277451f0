"""Import TensorFlow and Keras on first use; no other module imports them.

The import takes seconds and half a gigabyte, so no module does it at its top; the dashboard calls
`warm_up` in the background of its first page.
"""

from __future__ import annotations

import os
from typing import Any


def tensorflow() -> Any:
    """Return the tensorflow module."""
    # Read once, at import: without it every start prints pages of text about the processor.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    return tf


def keras() -> Any:
    """Return the keras module, on TensorFlow whatever the machine's Keras settings say."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    tensorflow()
    import keras

    return keras


def warm_up() -> None:
    """Import TensorFlow and Keras, so that the first training does not wait for them."""
    keras()
