"""Export a model as one file, and import it into another workspace.

The file is a ZIP archive of the bundle's files. One from elsewhere may be broken or hostile:
nothing is unpacked by its own name, nothing in it is run, nothing larger than its card explains is
read, and every value of the card is checked.
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import NoReturn

from iris_core.checks import check_name, check_number, check_whole
from iris_core.data.csv_file import MAX_CELL
from iris_core.data.fingerprints import Fingerprints
from iris_core.errors import IrisError, StoreError
from iris_core.model.features import MAX_CATEGORIES, CategoricalFeature
from iris_core.model.logistic import LogisticRegression
from iris_core.model.models import Epoch, Model, ModelCard
from iris_core.model.out_of_fold import OutOfFold
from iris_core.model.schema import MAX_CLASSES, Schema
from iris_core.storage import out_of_fold_files
from iris_core.storage.atomic_files import writing
from iris_core.storage.bundles import CARD
from iris_core.storage.fingerprint_files import from_bytes
from iris_core.storage.logistic_file import from_bytes as logistic_from_bytes
from iris_core.storage.logistic_file import logistic_size
from iris_core.storage.network_file import read_network
from iris_core.storage.out_of_fold_files import check_out_of_fold

NETWORK = "model.keras"
TRAINED_ON = "trained_on.u64"
LOGISTIC = "logistic.f32"
OUT_OF_FOLD = "out_of_fold.bin"
OPTIONAL = (TRAINED_ON, LOGISTIC, OUT_OF_FOLD)
"""What earlier versions did not keep, and what only an ensemble has."""
MAX_CARD_BYTES = 20_000_000
ELSEWHERE = " (elsewhere)"
"""Appended to the parent of an imported model: that id is one of another workspace."""

_MEMBERS = (NETWORK, CARD, *OPTIONAL)
_MAX_TEXT = 1_000
_MAX_ROWS = 2**63 - 1
_BYTES_A_WEIGHT = 4
_ROOM_FOR_HEADINGS = 1_000_000
_MAX_RATIO = 10
_MAX_ENTRIES = 1_000
# The earliest time that a ZIP archive can store: the same content gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

_UNREADABLE = (
    *(
        zipfile.BadZipFile,
        struct.error,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ),
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, IrisError),
)


def pack(network: bytes, card: str, optional: Mapping[str, bytes]) -> bytes:
    """Return a bundle as a ZIP archive; the same bundle gives the same bytes.

    Args:
        network: content of the network's file.
        card: the card's text.
        optional: content of those of the files `OPTIONAL` that it has, by name.
    """
    members = {NETWORK: network, CARD: card.encode(), **optional}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content)
    return sink.getvalue()


def unpack(content: bytes) -> Model:
    """Return the model of an archive that `pack` wrote; it has no id or version until it is saved.

    Its parent, if it has one, becomes a text that no id of this workspace can be.

    Raises:
        StoreError: the content is not such an archive, or is broken, hostile or too large; or
            there is no room to unpack it.
    """
    with _bundle_faults():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            card = _read_card(archive)
            network = _read_member(archive, NETWORK, _largest_network(card, archive))
            trained_on, logistic = _read_rows(archive), _read_logistic(archive, card)
            out_of_fold = _read_out_of_fold(archive, card, trained_on)
        _check_weights(network, card)
    with writing(Path(gettempdir())), TemporaryDirectory() as folder:
        path = Path(folder) / NETWORK
        path.write_bytes(network)
        with _bundle_faults():
            return Model(card, read_network(path, card), trained_on, logistic, out_of_fold)


@contextmanager
def _bundle_faults() -> Iterator[None]:
    """Turn any error that a broken or hostile bundle causes into a `StoreError`."""
    try:
        yield
    except _UNREADABLE as error:
        raise StoreError(
            "expected a model bundle as downloaded here, a ZIP archive of "
            f"'{NETWORK}' and '{CARD}', received one with a fault: {_reason(error)}. Download the "
            "bundle again where the model is, and load that file as it is."
        ) from error


def _reason(error: Exception) -> str:
    """Return the message of an error, on one line and without a path of this machine."""
    if isinstance(error, StoreError) and isinstance(error.__cause__, Exception):
        return _reason(error.__cause__)
    return str(error).partition("\n")[0][:300].rstrip(".:") or repr(error)


def _read_card(archive: zipfile.ZipFile) -> ModelCard:
    """Read and check the card of an archive that has a bundle's members and no other."""
    names = archive.namelist()
    if sorted({*names, *OPTIONAL}) != sorted(_MEMBERS) or len(set(names)) < len(names):
        listed = ", ".join(repr(name[:60]) for name in names[:5]) or "nothing"
        raise ValueError(f"it holds {len(names)} files: {listed}")
    text = _read_member(archive, CARD, MAX_CARD_BYTES).decode()
    data = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(data, Mapping):
        raise TypeError(f"{CARD} is not an object")
    # Half a surrogate pair could be written into no card.
    json.dumps(data, ensure_ascii=False).encode()
    card = ModelCard.from_dict(data)
    _check_card(card)
    parent = card.parent and card.parent.removesuffix(ELSEWHERE) + ELSEWHERE
    return replace(card, id="", version=0, parent=parent)


def _read_rows(archive: zipfile.ZipFile) -> Fingerprints | None:
    """Read the rows that the model was trained on; None if the archive does not have them."""
    if TRAINED_ON not in archive.namelist():
        return None
    limit = _MAX_RATIO * archive.getinfo(TRAINED_ON).compress_size
    return from_bytes(_read_member(archive, TRAINED_ON, limit))


def _read_logistic(archive: zipfile.ZipFile, card: ModelCard) -> LogisticRegression | None:
    """Read the model's logistic regression; None if the archive does not have it."""
    if LOGISTIC not in archive.namelist():
        return None
    return logistic_from_bytes(_read_member(archive, LOGISTIC, logistic_size(card)), card)


def _read_out_of_fold(
    archive: zipfile.ZipFile, card: ModelCard, rows: Fingerprints | None
) -> OutOfFold | None:
    """Read the out-of-fold predictions, which an ensemble has, and no other model."""
    check_out_of_fold(card, has_file=OUT_OF_FOLD in archive.namelist() and rows is not None)
    if rows is None or not card.spec.is_ensemble:
        return None
    limit = out_of_fold_files.largest(len(rows), len(card.schema.classes))
    return out_of_fold_files.from_bytes(_read_member(archive, OUT_OF_FOLD, limit), rows, card)


def _read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Read a member of at most `limit` bytes, and never more, whatever its header says."""
    member = archive.getinfo(name)
    if member.file_size > limit:
        raise ValueError(
            f"{name} unfolds to {member.file_size:,} bytes, at most {limit:,} were expected"
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is compressed in an unusual way")
    return archive.read(name)


def _weights(card: ModelCard) -> int:
    """Return the number of weights of the network that a card describes."""
    widths = [card.schema.width, *card.spec.units, len(card.schema.classes)]
    path = widths[0] * widths[-1] if card.spec.has_linear_path else 0
    of_layers = sum((before + 1) * after for before, after in pairwise(widths))
    return card.spec.members * (of_layers + path)


def _largest_network(card: ModelCard, archive: zipfile.ZipFile) -> int:
    """Return the bytes that a network's file may have: twice those of its weights, and headings.

    And not many times those that it has in the archive, for weights hardly compress.
    """
    compressed = archive.getinfo(NETWORK).compress_size
    return min(2 * _BYTES_A_WEIGHT * _weights(card), _MAX_RATIO * compressed) + _ROOM_FOR_HEADINGS


def _check_weights(network: bytes, card: ModelCard) -> None:
    """Raise `ValueError` for a file too small to hold the weights that its card describes.

    A few bytes must not make this machine build a network of gigabytes.
    """
    least = _BYTES_A_WEIGHT * _weights(card)
    if len(network) < least:
        raise ValueError(
            f"{NETWORK} has {len(network):,} bytes, the weights of its card take {least:,}"
        )


def _check_card(card: ModelCard) -> None:
    """Raise `IrisError` or `ValueError` for a value that no card of a model has."""
    check_name(card.name)
    for name in ("created", "dataset_id", "dataset_name"):
        _check_text(name, getattr(card, name))
    if card.parent is not None:
        _check_text("parent", card.parent)
    if datetime.fromisoformat(card.created).tzinfo is None:
        raise ValueError(f"created: {card.created} has no time zone")
    check_whole("rows", card.rows, low=0, high=_MAX_ROWS)
    _check_schema(card.schema)
    _check_counts(card)
    for number, epoch in enumerate(card.history, start=1):
        _check_epoch(epoch, number, card.options.epochs)
    check_whole("number of metrics", len(card.metrics), low=0, high=_MAX_ENTRIES)
    check_whole("number of libraries", len(card.libraries), low=0, high=_MAX_ENTRIES)
    for name, value in card.metrics.items():
        _check_text("name of a metric", name)
        check_number(f"metric '{name}'", value, low=-math.inf, high=math.inf)
        if not math.isfinite(value):
            raise ValueError(f"metric '{name}' is {value}")
    for name, version in card.libraries.items():
        _check_text("library", name)
        _check_text(f"version of {name}", version)


def _check_schema(schema: Schema) -> None:
    """Raise `IrisError` or `ValueError` for a schema that no data set has."""
    check_whole("number of classes", len(schema.classes), low=2, high=MAX_CLASSES)
    _check_names("classes", schema.classes)
    _check_names("columns", (schema.label, *(feature.name for feature in schema.features)))
    check_whole("number of inputs", schema.width, low=1, high=_MAX_ROWS)
    for feature in schema.features:
        if isinstance(feature, CategoricalFeature):
            many = f"categories of '{feature.name}'"
            check_whole(f"number of {many}", len(feature.categories), low=0, high=MAX_CATEGORIES)
            _check_names(many, feature.categories)
    for number in schema.numbers:
        if number.minimum > number.maximum:
            raise ValueError(f"column '{number.name}': its range ends before it starts")


def _check_counts(card: ModelCard) -> None:
    """Raise `IrisError` or `ValueError` for class counts that no training has."""
    if card.class_counts is None:
        return
    if len(card.class_counts) != len(card.schema.classes):
        raise ValueError(f"class_counts: {len(card.class_counts)} of {len(card.schema.classes)}")
    for count in card.class_counts:
        check_whole("rows of a class", count, low=0, high=_MAX_ROWS)


def _check_epoch(epoch: Epoch, number: int, planned: int) -> None:
    """Raise `IrisError` for an epoch that no training has."""
    check_whole("number of an epoch", epoch.number, low=number, high=number)
    check_whole("planned epochs", epoch.of, low=number, high=planned)
    check_number(f"loss of epoch {number}", epoch.loss, low=0, high=1e308)
    check_number(f"accuracy of epoch {number}", epoch.accuracy, low=0, high=1)
    if epoch.val_loss is not None or epoch.val_accuracy is not None:
        check_number(f"validation loss of epoch {number}", epoch.val_loss, low=0, high=1e308)
        check_number(f"validation accuracy of epoch {number}", epoch.val_accuracy, low=0, high=1)


def _check_names(what: str, names: tuple[str, ...]) -> None:
    """Raise `ValueError` for a name that occurs twice, or that no CSV file can hold."""
    if len(set(names)) != len(names):
        raise ValueError(f"{what}: a name comes twice")
    if not all(0 < len(name) <= MAX_CELL for name in names):
        raise ValueError(f"{what}: expected names of 1 to {MAX_CELL:,} characters")


def _check_text(what: str, text: object) -> None:
    """Raise `ValueError` unless `text` is one of at most a thousand characters."""
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise ValueError(f"{what}: expected a text of at most {_MAX_TEXT} characters")


def _refuse_constant(text: str) -> NoReturn:
    """Raise `ValueError` for the constants, such as NaN, that Python reads but JSON has not."""
    raise ValueError(f"{CARD} holds {text}")
