#!/bin/sh
# Draws the README's plot.
#
#   docs/draw.sh            writes docs/moving_avg.svg
#   docs/draw.sh --check    fails where it is not what the command draws
set -eu
cd "$(dirname "$0")/.."

picture() {
    cargo build --quiet --release --example moving_avg
    cargo run --quiet --release -p udf-cli -- plot target/release/examples/moving_avg examples/data/cpu.lp \
        --group-by cpu --set field=usage_user --set size=10 --tag cpu=total \
        --title 'usage_user of both cores, in percent, and its moving average over 10 points'
}

if [ "${1:-}" = --check ]; then
    picture | cmp - docs/moving_avg.svg || {
        echo "error: docs/moving_avg.svg is not current; help: docs/draw.sh draws it" >&2
        exit 1
    }
else
    picture >docs/moving_avg.svg
fi
