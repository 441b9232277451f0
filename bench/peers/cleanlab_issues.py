"""Find label errors with cleanlab's defaults, by probabilities that others predicted out of fold.

    python -m bench.peers.cleanlab_issues FOLDER

Each `NAME.npz` in the folder has `labels` and `probabilities`. Written are, as `NAME.found.npz`:
`wrong`, the rows that are called issues, and `score`, higher for those that are suspected more.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

seconds = 0.0
for path in sorted(Path(sys.argv[1]).glob("*.npz")):
    with np.load(path) as given:
        labels, probabilities = given["labels"], given["probabilities"]
    began = time.perf_counter()
    wrong = find_label_issues(labels, probabilities, n_jobs=1)
    quality = get_label_quality_scores(labels, probabilities)
    seconds += time.perf_counter() - began
    np.savez(path.with_suffix(".found.npz"), wrong=wrong, score=1 - quality)
print(json.dumps({"seconds": seconds}))
