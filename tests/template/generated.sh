#!/usr/bin/env bash
# Compares the projects of `udf new` with those that cargo-generate makes of the same template.
#
#   tests/template/generated.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --quiet -p udf-cli
udf=${CARGO_TARGET_DIR:-$root/target}/debug/udf
mkdir "$work/ours" "$work/generated"

for edges in stream batch stream-batch batch-stream; do
    name=my-$edges
    cd "$work/ours"
    "$udf" new "$name" --edges "$edges" >/dev/null
    cd "$work/generated"
    cargo generate --path "$root/udf-cli/template" --name "$name" --define "edges=$edges" \
        --vcs none --allow-commands --silent >/dev/null
    diff -r "$work/ours/$name" "$work/generated/$name"
    echo "$edges: the same"
done
