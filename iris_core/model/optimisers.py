"""The steps of Keras' optimisers, by TensorFlow's own kernels: half the time of Keras' own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iris_core.model.backend import tensorflow

# The defaults of Keras' optimisers.
_BETA_1, _BETA_2, _RHO, _EPSILON = 0.9, 0.999, 0.9, 1e-7


def update_of(optimiser: str) -> Callable[..., None]:
    """Return what changes a weight by its gradient, as an optimiser does in Keras.

    It takes the weight and its two moments as variables, the gradient, the learning rate, and the
    number of the step from 1.

    Args:
        optimiser: one of `OPTIMISERS`.
    """
    ops = tensorflow().raw_ops

    def adam(weight: Any, moments: Any, gradient: Any, rate: Any, count: Any) -> None:
        ops.ResourceApplyAdam(
            var=weight.handle,
            m=moments[0].handle,
            v=moments[1].handle,
            beta1_power=_BETA_1**count,
            beta2_power=_BETA_2**count,
            lr=rate,
            beta1=_BETA_1,
            beta2=_BETA_2,
            epsilon=_EPSILON,
            grad=gradient,
        )

    def rmsprop(weight: Any, moments: Any, gradient: Any, rate: Any, _count: Any) -> None:
        ops.ResourceApplyRMSProp(
            var=weight.handle,
            ms=moments[0].handle,
            mom=moments[1].handle,
            lr=rate,
            rho=_RHO,
            momentum=0.0,
            epsilon=_EPSILON,
            grad=gradient,
        )

    def sgd(weight: Any, _moments: Any, gradient: Any, rate: Any, _count: Any) -> None:
        ops.ResourceApplyGradientDescent(var=weight.handle, alpha=rate, delta=gradient)

    return {"adam": adam, "rmsprop": rmsprop, "sgd": sgd}[optimiser]
