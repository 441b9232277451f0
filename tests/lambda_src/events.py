"""Stream events as DynamoDB delivers them, recorded once and varied by the tests."""

from __future__ import annotations

from typing import Any


def stream_record(
    row: int = 0,
    *,
    predicted: str = "virginica",
    actual: str = "versicolor",
    probability: str = "0.97",
    event: str = "INSERT",
    sequence: int = 1,
) -> dict[str, Any]:
    """One record in the form of an event recorded from a DynamoDB stream with new images."""
    run = "20261122T093000.123456Z-0123456789abcdef"
    keys = {"partition_key": {"S": f"{run}#000000"}, "sort_key": {"S": f"{row:09d}"}}
    return {
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",  # pragma: allowlist secret
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795339800.0,
            "Keys": keys,
            "NewImage": {
                **keys,
                "Features": {"S": f"{{'species': '{actual}', 'petal_length': 4.7}}"},
                "Class": {"S": predicted},
                "Actual": {"S": actual},
                "Probability": {"S": probability},
            },
            "SequenceNumber": f"{4421584500000000017450439091 + sequence}",
            "SizeBytes": 212,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/IrisExtended/stream/2026",
    }


def stream_event(*records: dict[str, Any]) -> dict[str, Any]:
    """What the function is invoked with."""
    return {"Records": list(records)}
