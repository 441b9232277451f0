"""Many rows at once and one sample give the same probabilities."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from iris_core.errors import SchemaError, StoreError
from iris_core.model import prediction
from iris_core.model.encoding import encode
from iris_core.model.models import Model, build
from iris_core.model.prediction import predict, score
from tests.iris_core.samples import flowers


def test_probabilities_have_a_row_for_each_row_and_sum_to_one(model: Model) -> None:
    shares = predict(model, flowers(50).frame)
    assert shares.shape == (50, 3)
    assert shares.dtype == "float32"
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-6)


def test_probabilities_are_those_of_keras_predict(model: Model) -> None:
    frame = flowers(500, seed=3).frame
    theirs = model.network.predict(encode(model.card.schema, frame).matrix, verbose=0)
    np.testing.assert_allclose(predict(model, frame), theirs, rtol=0, atol=1e-6)


def test_no_rows_give_no_probabilities(model: Model) -> None:
    assert predict(model, flowers(3).frame.iloc[:0]).shape == (0, 3)


def test_chunks_do_not_show(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = flowers(50).frame
    whole = predict(model, frame)
    monkeypatch.setattr(prediction, "_CHUNK_ROWS", 7)
    assert np.allclose(predict(model, frame), whole, atol=1e-6)


def test_columns_are_matched_by_name(model: Model) -> None:
    frame = flowers(50).frame
    assert np.array_equal(predict(model, frame[frame.columns[::-1]]), predict(model, frame))


def test_several_threads_predict_at_once(model: Model) -> None:
    frames = [flowers(200, seed=seed).frame for seed in range(8)]
    expected = [predict(model, frame) for frame in frames]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda frame: predict(model, frame), frames))
    assert all(np.array_equal(one, other) for one, other in zip(results, expected, strict=True))


def test_sample_is_scored_as_its_row_is(model: Model) -> None:
    ds = flowers(9)
    samples = [
        {str(name): value for name, value in row.items()} for row in ds.frame.to_dict("records")
    ]
    for sample, shares in zip(samples, predict(model, ds.frame), strict=True):
        result = score(model, sample)
        assert result.label == ds.classes[int(shares.argmax())]
        assert list(result.probabilities) == list(ds.classes)
        assert list(result.probabilities.values()) == pytest.approx(shares.tolist(), abs=1e-6)


def test_missing_value_of_a_sample_is_none(model: Model) -> None:
    sample = {"length": None, "width": 5, "soil": "1", "colour": None}
    assert sum(score(model, sample).probabilities.values()) == pytest.approx(1)


def test_category_never_seen_is_scored(model: Model) -> None:
    sample = {"length": 2.0, "width": 4.0, "soil": 1, "colour": "green"}
    assert score(model, sample).label in model.card.schema.classes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length": "tall"}, "column 'length': expected numbers.*'tall'"),
        ({"length": [1.0]}, r"column 'length': expected a number or a text, received \[1.0\]"),
        ({"length": float("inf")}, "expected finite numbers"),
    ],
)
def test_nonsense_in_a_sample_is_refused(
    model: Model, change: dict[str, object], words: str
) -> None:
    sample = {"length": 2.0, "width": 4.0, "soil": 1, "colour": "red", **change}
    with pytest.raises(SchemaError, match=words):
        score(model, sample)


def test_sample_that_lacks_a_feature_is_refused(model: Model) -> None:
    with pytest.raises(SchemaError, match="received none for 'width', 'soil', 'colour'"):
        score(model, {"length": 2.0})


def test_weights_that_are_no_numbers_are_detected(model: Model) -> None:
    network = build(model.card.spec, inputs=model.card.schema.width, classes=3)
    network.set_weights([array * np.nan for array in network.get_weights()])
    with pytest.raises(StoreError, match="no number"):
        predict(Model(model.card, network), flowers(9).frame)
