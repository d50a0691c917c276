#!/usr/bin/env bash
# Runs the whole suite under the real Kapacitor: builds what is missing of it, then our examples,
# then the tests. Arguments go to `cargo test -p kapacitor-tests`.
#
#   tests/kapacitor/run.sh
#   tests/kapacitor/run.sh --test snapshots
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tests/kapacitor/build.sh >/dev/null
# What users run is built for release, so that is what is tested.
cargo build --release --examples
cargo test -p kapacitor-tests "$@"
