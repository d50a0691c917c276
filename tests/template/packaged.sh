#!/usr/bin/env bash
# Prepares a folder outside of the repository in which cargo knows our crates only from their packages, as
# after a release.
#
#   tests/template/packaged.sh FOLDER
#
# Makes the packages, unpacks them into FOLDER/crates, and builds the program `udf` from its own. Projects in
# FOLDER find the crates by FOLDER/.cargo/config.toml. The last line printed is the program.
set -euo pipefail

folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

release/package >&2
mkdir -p "$folder/crates" "$folder/.cargo"
echo '[patch.crates-io]' >"$folder/.cargo/config.toml"
for package in $(release/package --list); do
    crate=$(ls target/package/"$package"-[0-9]*.crate)
    tar -xzf "$crate" -C "$folder/crates"
    # Nothing depends on the program.
    [[ $package == udf-cli ]] || echo "$package = { path = \"$folder/crates/$(basename "$crate" .crate)\" }" >>"$folder/.cargo/config.toml"
done

cd "$folder"
CARGO_TARGET_DIR=$root/target/template cargo build --quiet --manifest-path crates/udf-cli-*/Cargo.toml
echo "$root/target/template/debug/udf"
