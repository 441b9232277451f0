"""Train as the course's handout does: a Sequential network on unscaled numbers."""

from __future__ import annotations

import json
import sys
import time

import keras
import pandas as pd

train, held_out = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
classes = sorted(train["species"].unique())

began = time.perf_counter()
model = keras.Sequential(
    [
        keras.layers.Input((len(train.columns) - 1,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(len(classes), activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
labels = train["species"].map(classes.index).to_numpy()
model.fit(train.drop(columns="species").to_numpy(), labels, batch_size=1, epochs=10, verbose=0)
seconds = time.perf_counter() - began

predicted = model.predict(held_out.drop(columns="species").to_numpy(), verbose=0).argmax(axis=1)
accuracy = (predicted == held_out["species"].map(classes.index)).mean()
print(json.dumps({"seconds": seconds, "accuracy": accuracy}))
