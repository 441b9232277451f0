"""Every session key, named once. Under a key is an id or a plain choice, never data."""

from __future__ import annotations

from typing import Final

# What is chosen, by id; the key is also the parameter in the page's URL.
PROJECT: Final = "project"
DATA_SET: Final = "dataset"
TRAIN_ON: Final = "train_on"
TEST_ON: Final = "test_on"
MODEL: Final = "model"
PARENT: Final = "parent"
RUN: Final = "run"

SHOWN_PROJECT: Final = "shown_project"
"""The project of the last drawing: what was chosen in another one is not chosen any more."""

ALL_RUNS: Final = "all_runs"
"""Whether failed and cancelled runs are listed too."""

NOTICE: Final = "notice"
"""A sentence about what was just done, on the screen once."""
FAULT: Final = "fault"
"""A sentence about what just could not be done, on the screen once."""

# Loop
UNDO_DEMONSTRATION_OPEN: Final = "undo_demonstration_open"
UNDO_DEMONSTRATION: Final = "undo_demonstration"

# Data
VIEW: Final = "view"
SEARCH: Final = "search"
HISTOGRAM_COLUMN: Final = "histogram_column"
BINS: Final = "bins"
SCATTER_X: Final = "scatter_x"
SCATTER_Y: Final = "scatter_y"
COMPARE_WITH: Final = "compare_with"
DRIFTED_COLUMN: Final = "drifted_column"
OPEN_VERSION: Final = "open_version"
UPLOAD_LABEL: Final = "upload_label"
UPLOAD_ROLES: Final = "upload_roles"
UPLOAD_ENCODING: Final = "upload_encoding"
UPLOAD_HEADER: Final = "upload_header"
UPLOAD_SHEET: Final = "upload_sheet"
UPLOAD_MISSING: Final = "upload_missing"
UPLOAD_DECIMAL: Final = "upload_decimal"
UPLOAD_DATES: Final = "upload_dates"
UPLOAD_SHOWN: Final = "upload_shown"
UPLOAD_PROJECT: Final = "upload_project"
UPLOADS: Final = "uploads"
"""How many files were added: each next one gets an empty uploader."""
SPLIT_SHARE: Final = "split_share"
SPLIT_SEED: Final = "split_seed"
NOISE_ROWS: Final = "noise_rows"
NOISE_SEED: Final = "noise_seed"
DELETED_DATA: Final = "deleted_data"
"""The id and the name of the data set that was deleted last, for Undo."""
DELETED_DATA_FAULT: Final = "deleted_data_fault"
UPLOAD_OPEN: Final = "upload_open"
SPLIT_OPEN: Final = "split_open"
NOISE_OPEN: Final = "noise_open"
DELETE_OPEN: Final = "delete_open"
DELETE: Final = "delete"
DELETE_PROJECT_OPEN: Final = "delete_project_open"
DELETE_PROJECT: Final = "delete_project"

# Train
NETWORK: Final = "network"
FILLED: Final = "filled"
"""What the forms were filled in for last: the name of a network, or the id of a model."""
UNITS: Final = "units"
ACTIVATION: Final = "activation"
DROPOUT: Final = "dropout"
OPTIMISER: Final = "optimiser"
LEARNING_RATE: Final = "learning_rate"
EPOCHS: Final = "epochs"
BATCH_SIZE: Final = "batch_size"
VALIDATION_SHARE: Final = "validation_share"
PATIENCE: Final = "patience"
MEMBERS: Final = "members"
NUMBER_BINS: Final = "number_bins"
LINEAR_PATH: Final = "linear_path"
TRAIN_SEED: Final = "train_seed"
CLASS_WEIGHTS: Final = "class_weights"
MANAGED_MODEL: Final = "managed_model"
COMPARED: Final = "compared"
CURVE: Final = "curve"
NEW_NAME: Final = "new_name"
RENAME_OPEN: Final = "rename_open"
RENAME_FAULT: Final = "rename_fault"
"""A sentence about a name that was refused, on the screen once, below the form."""
CHAMPION_OPEN: Final = "champion_open"
CHALLENGER: Final = "challenger"
PROMOTE_WHY: Final = "promote_why"
CHAMPION_NOTICE: Final = "champion_notice"
CHAMPION_FAULT: Final = "champion_fault"
"""Sentences about a promotion or a roll back, on the screen once."""
DELETED: Final = "deleted"
"""The id of the model that was deleted last, for Undo."""
BUNDLES: Final = "bundles"
"""How many bundles were loaded: each next one gets an empty uploader."""

# Why a model decides so: on several pages
IMPORTANCE_OPEN: Final = "importance_open"
DEPENDENCE_OPEN: Final = "dependence_open"
REASONS_OPEN: Final = "reasons_open"
EXPLAINED: Final = "explained"
MEASURE: Final = "measure"
EXPLAIN_FAULT: Final = "explain_fault"
"""A sentence about a measurement that could not be started, on the screen once."""
ALL_COLUMNS: Final = "all_columns"
ALL_REASONS: Final = "all_reasons"
DEPENDENCE_COLUMN: Final = "dependence_column"
DEPENDENCE_CLASS: Final = "dependence_class"
CENTRED: Final = "centred"
REASONS_CLASS: Final = "reasons_class"

# Score
RECORD: Final = "record"
"""The record that is opened or started from; also its parameter in the page's URL."""
SCORE_FROM: Final = "score_from"
SCORE_ROW: Final = "score_row"
SCORE_OPEN: Final = "score_open"
SCORE_START: Final = "score_start"
"""The data set's id and the row that the form began with; absent if it began with averages."""
RESPONSE: Final = "response"

# Test: start and check a run
TEST_THRESHOLD: Final = "test_threshold"
CHECK_AGAIN: Final = "check_again"

# Retrain: the candidates of a run, and the filter that selects those in the list
CANDIDATES: Final = "candidates"
CANDIDATE_CURSOR: Final = "candidate_cursor"
"""The run whose candidates are listed, and the keys after which its pages so far began."""
REASON: Final = "reason"
ACTUAL: Final = "actual"
PREDICTED: Final = "predicted"
PROBABILITY_RANGE: Final = "probability_range"
VERDICT_FILTER: Final = "verdict_filter"
RETRAIN_WAY: Final = "retrain_way"
REVIEWED_WEIGHT: Final = "reviewed_weight"
CAN_RETRAIN: Final = "can_retrain"
"""Whether the run that is drawn has reviewed records to retrain with."""
FILTER_OPEN: Final = "filter_open"
COUNTS_OPEN: Final = "counts_open"
NEAREST_OPEN: Final = "nearest_open"
TYPICAL_OPEN: Final = "typical_open"
HISTORY_OPEN: Final = "history_open"
LISTED_KEYS: Final = "listed_keys"
"""The keys of the records in the list: later ones are added when the list is refreshed."""
REVIEW_ORDER: Final = "review_order"
REVIEW_BUDGET: Final = "review_budget"
SPENT: Final = "spent"
"""The run, and the rows of it that were reviewed since the budget began."""
SAMPLE: Final = "sample"
"""The run, the search, and the rows of the sample of its suggestions that is under way."""
SAMPLE_SIZE: Final = "sample_size"
LABEL_SEARCH: Final = "label_search"
"""The id of the search by which the candidates are listed: a newer one is taken with a verdict."""
VERDICT_GIVEN: Final = "verdict_given"
"""Whether a verdict was given since the page was drawn: the list may be ordered anew."""
SKIPPED: Final = "skipped"
"""The run, and the rows of it that were skipped: they come last."""
VISITED: Final = "visited"
"""The run, and the rows of it that were left, the last one last: the way back."""
SHORTCUTS: Final = "shortcuts"
SEVERAL: Final = "several"
SEVERAL_OPEN: Final = "several_open"
SEVERAL_LEAST: Final = "several_least"
EXCHANGE_OPEN: Final = "exchange_open"
EXPORT: Final = "export"
EXPORT_SUGGESTED: Final = "export_suggested"
IMPORT_FILE: Final = "import_file"
IMPORTS: Final = "imports"
"""How many files were imported: each next one gets an empty uploader."""
DATA_ROWS_OPEN: Final = "data_rows_open"
REVIEWED_DATA: Final = "reviewed_data"
ROWS: Final = "rows"
ROWS_ORDER: Final = "rows_order"
ROWS_SELECTION: Final = "rows_selection"
ROWS_VERDICT: Final = "rows_verdict"
GIVE_ROWS: Final = "give_rows"
UNDO_ROWS: Final = "undo_rows"
ROWS_FAULT: Final = "rows_fault"
ROWS_NOTICE: Final = "rows_notice"
"""The id of the data set as corrected last, and a sentence on what was."""
SELECTION: Final = "selection"
"""The number of the selection in the list of candidates: each next one begins empty."""
SELECTED_VERDICT: Final = "selected_verdict"
COUNTED: Final = "counted"
"""The candidates of a run as they were counted, with this session's verdicts since."""
GIVE_SELECTED: Final = "give_selected"
BLIND: Final = "blind"
"""Whether labels, predictions and suggestions are hidden until there is a verdict."""
NOTE: Final = "note"
NOTE_KEY: Final = "note_key"
REVIEWER: Final = "reviewer"
"""The name that somebody who is not logged in entered to review under."""
REVIEWER_ENTERED: Final = "reviewer_entered"
"""Whether they entered it in this session, or their browser had kept it."""
REVIEWER_KEPT: Final = "reviewer_kept"
HELD: Final = "held"
"""The run, and the rows of it that are leased to this session: on its screen, and the next one."""
SETTLE: Final = "settle"
"""Whether the next verdict ends the disagreement of reviewers on a record."""
AGREEMENT_OPEN: Final = "agreement_open"
ENDED_TEST: Final = "ended_test"
"""The id of the newest test job, if it was over when the page was drawn."""

# Test: the views of a run
RUN_VIEW: Final = "run_view"
CELL: Final = "cell"
CELL_CHART: Final = "cell_chart"
CELL_CLICKED: Final = "cell_clicked"
"""The cell that was clicked last: Streamlit reports the same click with every drawing."""
CELL_CURSOR: Final = "cell_cursor"
"""The run and cell that are listed, and the keys after which the pages so far began."""
RECORD_TABLE: Final = "record_table"
CHOSEN_THRESHOLD: Final = "chosen_threshold"
BUDGET: Final = "budget"
COST: Final = "cost"
MISSED_COST: Final = "missed_cost"
CURVE_CLASS: Final = "curve_class"
CUT_OFF: Final = "cut_off"
CUT_OFF_CLASS: Final = "cut_off_class"
FALSE_ALARM: Final = "false_alarm"
MISS: Final = "miss"
OTHER_RUN: Final = "other_run"
CHANGES: Final = "changes"
"""The records that another run predicts otherwise."""
INPUTS_OPEN: Final = "inputs_open"
DRIFTED_INPUT: Final = "drifted_input"
UNFAMILIAR_INPUT: Final = "unfamiliar_input"
UNFAMILIAR_ROWS: Final = "unfamiliar_rows"
FILE_CHOICE: Final = "file_choice"
FILE_PART: Final = "file_part"

# Cloud
TARGET: Final = "target"
THRESHOLD: Final = "threshold"
THRESHOLD_FORM: Final = "threshold_form"
DESTROY: Final = "destroy"
LOG_OPEN: Final = "log_open"
LOG_FILTER: Final = "log_filter"
LOG_SINCE: Final = "log_since"
QUEUE_OPEN: Final = "queue_open"
COST_OPEN: Final = "cost_open"
COST_SHARE: Final = "cost_share"
POLICIES_OPEN: Final = "policies_open"


def pending(key: str) -> str:
    """Return the key of the value that `key` gets when its widget is drawn next."""
    return f"{key}_pending"


def last_view(key: str) -> str:
    """Return the key of the view that was open last, for the next time the page is opened."""
    return f"{key}_last"


def option_label(key: str) -> str:
    """Return the key of the label that the chosen option of `key` had when it was drawn last."""
    return f"{key}_label"


def seen_link(key: str) -> str:
    """Return the key of what the URL said of `key` when its widget was drawn last."""
    return f"{key}_link"


def missing_choice(key: str) -> str:
    """Return the key of the sentence that what was chosen under `key` does not exist."""
    return f"{key}_missing"


def uploader(number: int) -> str:
    """Return the key of the uploader of the `number`th file of this session."""
    return f"upload_{number}"


def numbers(name: str) -> str:
    """Return the key of the button that downloads the numbers of a figure."""
    return f"numbers_{name}"


def feature(name: str, *, number: bool) -> str:
    """Return the key of a feature's value: one name may hold numbers here, categories there."""
    return f"{'number' if number else 'category'}_{name}"


def part(key: str, *of: object) -> str:
    """Return the key of a widget of one run, cell or page, so that others have their own."""
    return "_".join((key, *map(str, of)))


def new_label(record: str) -> str:
    """Return the key of the class that a record is relabelled to."""
    return f"new_label_{record}"


def cancel(job_id: str) -> str:
    """Return the key of the button that cancels a job."""
    return f"cancel_{job_id}"
