#!/usr/bin/env bash
# Runs the whole suite under the real Kapacitor: builds Kapacitor if it is missing, then our examples, then
# the tests. Arguments go to `cargo test -p kapacitor-tests`.
#
#   tests/kapacitor/run.sh
#   tests/kapacitor/run.sh --test snapshots
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tests/kapacitor/build.sh >/dev/null
# Users run release builds, so the tests run them as well.
cargo build --release --examples
cargo test -p kapacitor-tests "$@"
