"""The names of the attributes that the tables store: an interface, written once.

The score table stores `KEYS`, `SCORE` and the threshold of the run; the retrain table adds the
reason and the reviewer's verdict. `lambda_src/index.py`, which is deployed alone, names those that
it copies itself; tests/lambda_src/test_attributes.py compares the two.
"""

from __future__ import annotations

from typing import Final

Item = dict[str, str]
"""A stored item: every attribute is a string."""

PARTITION_KEY: Final = "partition_key"
SORT_KEY: Final = "sort_key"
KEYS: Final = (PARTITION_KEY, SORT_KEY)

FEATURES: Final = "Features"
CLASS: Final = "Class"
ACTUAL: Final = "Actual"
PROBABILITY: Final = "Probability"
REQUIRED: Final = (FEATURES, CLASS, ACTUAL, PROBABILITY)
"""What every stored record has, whichever version wrote it, in the order of `post_score`."""
FINGERPRINT: Final = "Fingerprint"
SCORE: Final = (*REQUIRED, FINGERPRINT)
"""All that this version stores of a tested record."""

REASON: Final = "Reason"
THRESHOLD: Final = "Threshold"
EXPIRES_AT: Final = "ExpiresAt"
"""When DynamoDB may delete a score record, in seconds since 1970: the one attribute that is stored
as a number. Records that are kept for ever lack it."""
RULE: Final = (REASON, THRESHOLD)
"""The result of the retrain rule for a candidate: why, and by which threshold."""

VERDICT: Final = "Verdict"
LABEL: Final = "Label"
REVIEWED_AT: Final = "ReviewedAt"
VERSION: Final = "Version"
VERDICT_ID: Final = "VerdictId"
NOTE: Final = "Note"
CARRIED_FROM: Final = "CarriedFrom"
REVIEWER: Final = "Reviewer"
REVIEW: Final = (VERDICT, LABEL, REVIEWED_AT, NOTE, CARRIED_FROM, REVIEWER)
"""A reviewer's verdict; `VERSION` and `VERDICT_ID` guard it against a second reviewer."""

OPINIONS: Final = "Opinions"
SETTLED_BY: Final = "SettledBy"
AGREEMENT: Final = (OPINIONS, SETTLED_BY)
"""What each reviewer said of a candidate, as JSON, and who ended their disagreement."""

LEASED_BY: Final = "LeasedBy"
LEASED_UNTIL: Final = "LeasedUntil"
LEASE: Final = (LEASED_BY, LEASED_UNTIL)
"""The reviewer on whose screen a candidate is, and until when, in seconds since 1970."""
