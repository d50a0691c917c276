#!/bin/sh
# Draws the guide's pictures: what the recipes make of the data.
set -eu
cd "$(dirname "$0")/../../../.."
plots=docs/guide/src/plots
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT
cargo build --quiet --release -p udf-recipes --bins

plot() {
    name=$1
    shift
    cargo run --quiet --release -p udf-cli -- plot "target/release/$name" "$@" >"$plots/$name.svg"
}

$plots/data.py requests >$plots/requests.lp
plot forecast $plots/requests.lp --set field=count --set season=144 --set alpha=0.05 --set gamma=0.1 \
    --title 'Requests in 10 minutes'

$plots/data.py delays >"$made/delays.lp"
plot anomalies "$made/delays.lp" --group-by host --period 1m --set field=ms --set jsd=0,100,20,0.3 \
    --field ms --field score --title 'Delays in ms; a score above 1 is anomalous'

$plots/data.py customers >"$made/customers.lp"
plot distinct "$made/customers.lp" --set tag=customer --merge --title 'Different customers'
