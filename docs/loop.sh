#!/bin/sh
# Close the loop from a shell: test, review, correct, retrain, compare, promote, test again.
#
#     sh docs/loop.sh DATA.csv REVIEW
#
# DATA.csv: labelled data of the project; REVIEW: a program that is given the exported candidates
# (a CSV) and writes verdicts into its columns `verdict`, `label` and `note`. Needs a champion:
# `python cli.py train --data …` once. Ends with status 0 when a better model was promoted, with 1
# when the challenger could be no better than the champion, with 2 when something failed.
set -eu
data=$1 review=$2
python=${PYTHON:-python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

iris() { "$python" cli.py "$@" --json; }
value() {
    "$python" -c 'import json, sys
answer = json.load(sys.stdin)
sys.exit(answer["error"]) if "error" in answer else print(answer[sys.argv[1]])' "$1"
}

run=$(iris test --data "$data" | value run) || exit 2
iris review export --run "$run" --out "$work/review.csv" >&2 || exit 2
$review "$work/review.csv" || exit 2
iris review import --run "$run" --file "$work/review.csv" >&2 || exit 2
dataset=$(iris review apply --run "$run" | value dataset) || exit 2
challenger=$(iris retrain --dataset "$dataset" | value model) || exit 2
iris compare --challenger "$challenger" > "$work/compared.json" || exit 2
cat "$work/compared.json" >&2
better=$(value probability_better < "$work/compared.json")
chance=$(value p_value < "$work/compared.json")
"$python" -c 'import sys; sys.exit(not (float(sys.argv[1]) > 0.5 and float(sys.argv[2]) <= 0.05))' \
    "$better" "$chance" || { echo "The champion stays." >&2; exit 1; }
iris promote --model "$challenger" --why "fixed more than chance explains, run $run" >&2
iris test >&2
