"""The retrain Lambda of the course's handout: print each record, put each candidate."""

from __future__ import annotations

import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["RETRAIN_TABLE"])


def lambda_handler(event, context):  # type: ignore[no-untyped-def] # noqa: ARG001, D103
    for record in event["Records"]:
        if record["eventName"] == "INSERT":
            image = record["dynamodb"]["NewImage"]
            print(image)
            if (
                image["Class"]["S"] != image["Actual"]["S"]
                or float(image["Probability"]["S"]) < 0.9
            ):
                table.put_item(Item={name: value["S"] for name, value in image.items()})
    return {"statusCode": 200}
