#!/bin/sh
# Draws the guide's pictures from what the recipes make of the data.
set -eu
cd "$(dirname "$0")/../../../.."
plots=docs/guide/src/plots
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT

recipe() {
    name=$1
    shift
    cargo run --quiet -p udf-recipes --bin "$name" -- pipe "$@"
}

$plots/data.py requests >$plots/requests.lp
recipe forecast $plots/requests.lp --set field=count --set season=144 \
    --set alpha=0.05 --set gamma=0.1 >"$made/forecast.lp"
docs/plot.py $plots/requests.lp:count "$made/forecast.lp:forecast" \
    --title 'Requests in 10 minutes' >$plots/forecast.svg

$plots/data.py delays >"$made/delays.lp"
recipe anomalies "$made/delays.lp" --group-by host --period 1m \
    --set field=ms --set jsd=0,100,20,0.3 >"$made/scores.lp"
docs/plot.py "$made/delays.lp:ms" "$made/scores.lp:score*50" \
    --title 'Delays in ms; a score above 1 is anomalous' >$plots/anomalies.svg

$plots/data.py customers >"$made/customers.lp"
recipe distinct "$made/customers.lp" --set tag=customer >"$made/distinct.lp"
docs/plot.py "$made/distinct.lp:true" "$made/distinct.lp:distinct" --every 100 \
    --title 'Different customers' >$plots/distinct.svg
