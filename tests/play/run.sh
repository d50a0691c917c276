#!/usr/bin/env bash
# Uses the page of `udf play` in a real browser: builds the tool and what it plays with, then runs the tests. Arguments
# go to Node.js's test runner. Screenshots of all pages are in target/play.
#
#   tests/play/run.sh
#   tests/play/run.sh --test-name-pattern outliers
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cargo build --quiet --release -p udf-cli --bin udf --example playable
cargo build --quiet --release -p kapacitor-udf --examples
npm --prefix tests/play ci --silent --no-audit --no-fund
docs/draw.sh --check
# Not `node --test`, whose limit is for all tests of a file together.
node --test-reporter=spec --test-timeout=300000 "$@" tests/play/play.test.mjs
