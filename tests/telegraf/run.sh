#!/usr/bin/env bash
# Runs UDFs under a real Telegraf: builds what is missing of it, then the tests. Arguments go to
# `cargo test -p telegraf-tests`.
#
#   tests/telegraf/run.sh
#   tests/telegraf/run.sh --test processors a_metric_of_five_megabytes
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

telegraf=$(tests/telegraf/build.sh)
TELEGRAF=$telegraf cargo test --release -p telegraf-tests "$@"
