#!/usr/bin/env bash
# Holds our line protocol against InfluxDB's and Telegraf's: builds what is missing of the oracle, then
# runs the tests. Arguments go to `cargo test -p line-protocol-tests`.
#
#   tests/line-protocol/run.sh
#   tests/line-protocol/run.sh --test reading
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

oracle=$(tests/line-protocol/build.sh)
# Hundreds of thousands of lines: in a debug build that takes a minute more.
LINE_PROTOCOL_ORACLE=$oracle cargo test --release -p line-protocol-tests "$@"
