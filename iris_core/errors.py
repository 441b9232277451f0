"""Everything that can go wrong in the model half, in one hierarchy.

IrisError
├── DataError       a file or table that cannot be a data set
├── SchemaError     data that does not fit the model
├── OptionError     an option out of its range
├── NotFoundError   a data set or model that is not in the store
├── StoreError      a broken bundle, or a store that cannot be written
└── Cancelled       work that was stopped on request

A message says what was expected, what was received and what to do; it is fit to be shown to a
person as it is.
"""

from __future__ import annotations


class IrisError(Exception):
    """The root of every error that this package raises on purpose."""


class DataError(IrisError):
    """A file or table cannot be a data set; the message names file, row and column."""


class SchemaError(IrisError):
    """Data does not fit the model: a column is missing, or holds another kind of value."""


class OptionError(IrisError):
    """An option is out of its range; the message names the range and the value received."""


class NotFoundError(IrisError):
    """The data set or model asked for is not in the store."""


class StoreError(IrisError):
    """A bundle cannot be read or written."""


class Cancelled(IrisError):  # noqa: N818 - it is a request, not a fault
    """The work was stopped on request; what it had stored stays."""
