#!/usr/bin/env bash
# Makes a project of each kind with the packaged `udf new`, outside of the repository and with the packaged
# crates alone. Builds, tests, lints and runs each.
#
#   tests/template/run.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
udf=$(tests/template/packaged.sh "$work")
# Shared, so that dependencies are built once.
export CARGO_TARGET_DIR=$root/target/template

check() {
    local edges=$1 name=$2
    echo "-- udf new $name --edges $edges"
    mkdir "$work/ours"
    cd "$work/ours"
    "$udf" new "$name" --edges "$edges" >/dev/null

    cd "$work/ours/$name"
    cargo fmt --check
    cargo clippy --quiet --all-targets -- -D warnings
    cargo test --quiet

    # The first command of its README, exactly as it stands there.
    local command output
    command=$(grep -m 1 '^cargo run' README.md)
    echo "$command"
    output=$(eval "$command")
    if (($(grep -c '^cpu,' <<<"$output") < 2)); then
        echo "error: expected points, found:" >&2
        echo "$output" >&2
        return 1
    fi
    head -n 3 <<<"$output"
    rm -r "$work/ours"
}

# Names of all lengths, because formatting depends on it.
check stream cpu-spikes
check batch a
check stream-batch stretches-of-points-above-the-limit-of-each-host
check batch-stream counts-2x
