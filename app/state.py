"""Every session key, named once. What is kept under one is an id or a plain choice, never data."""

from __future__ import annotations

from typing import Final

# What is chosen, by id; the name is also the one in the page's URL.
DATA_SET: Final = "dataset"
TRAIN_ON: Final = "train_on"
TEST_ON: Final = "test_on"
MODEL: Final = "model"
PARENT: Final = "parent"
RUN: Final = "run"

NOTICE: Final = "notice"
"""A sentence about what was just done, shown once."""
FAULT: Final = "fault"
"""A sentence about what just could not be done, shown once."""

# Data
HISTOGRAM_COLUMN: Final = "histogram_column"
UPLOAD_LABEL: Final = "upload_label"
UPLOADS: Final = "uploads"
"""How many files were added: each next one gets an empty uploader."""
SPLIT_SHARE: Final = "split_share"
SPLIT_SEED: Final = "split_seed"
HACK_ROWS: Final = "hack_rows"
HACK_SEED: Final = "hack_seed"
UPLOAD_OPEN: Final = "upload_open"
SPLIT_OPEN: Final = "split_open"
HACK_OPEN: Final = "hack_open"

# Train
UNITS: Final = "units"
ACTIVATION: Final = "activation"
DROPOUT: Final = "dropout"
OPTIMISER: Final = "optimiser"
LEARNING_RATE: Final = "learning_rate"
EPOCHS: Final = "epochs"
BATCH_SIZE: Final = "batch_size"
VALIDATION_SHARE: Final = "validation_share"
PATIENCE: Final = "patience"
TRAIN_SEED: Final = "train_seed"

# Test and Retrain
TEST_THRESHOLD: Final = "test_threshold"
LOOK: Final = "look"
REASON: Final = "reason"
CANDIDATES: Final = "candidates"
PLACE: Final = "place"
"""The run whose candidates are read, and the keys behind which its pages so far began."""

# Cloud
TARGET: Final = "target"
THRESHOLD: Final = "threshold"
THRESHOLD_FORM: Final = "threshold_form"
DESTROY: Final = "destroy"
LOG_OPEN: Final = "log_open"
LOG_FILTER: Final = "log_filter"


def wish(key: str) -> str:
    """Where the value waits that `key` is to have when its widget is drawn next."""
    return f"{key}_wish"


def words(key: str) -> str:
    """How the option was called that `key` had when its widget was drawn last."""
    return f"{key}_words"


def uploader(number: int) -> str:
    """The uploader of the `number`th file of this session."""
    return f"upload_{number}"


def feature(name: str, *, number: bool) -> str:
    """The value of one feature on the Score page: the same name may hold numbers or categories."""
    return f"{'number' if number else 'category'}_{name}"


def new_label(record: str) -> str:
    """The class that a record is to be relabelled to."""
    return f"new_label_{record}"


def cancel(job_id: str) -> str:
    """The button that cancels a job."""
    return f"cancel_{job_id}"
