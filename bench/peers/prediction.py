"""Two ways to predict with the network of a model: Keras' own, and plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def by_keras(
    network: Any, frame: pd.DataFrame, mean: NDArray[np.float64], std: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Call `model.predict` as people do, with its batches of 32."""
    scaled = (frame.to_numpy() - mean) / std
    probabilities: NDArray[np.float32] = network.predict(scaled, verbose=0)
    return probabilities


def by_numpy(
    weights: list[NDArray[np.float32]],
    frame: pd.DataFrame,
    mean: NDArray[np.float64],
    std: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Compute the same network: rectified layers, then a softmax."""
    rows = ((frame.to_numpy() - mean) / std).astype(np.float32)
    *hidden, (kernel, bias) = zip(weights[::2], weights[1::2], strict=True)
    for inner_kernel, inner_bias in hidden:
        rows = np.maximum(rows @ inner_kernel + inner_bias, 0)
    logits = rows @ kernel + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
