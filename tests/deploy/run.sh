#!/usr/bin/env bash
# Makes a project with the packaged `udf new`, outside of the repository and with the packaged crates alone.
# Builds its static program and its Debian package with the commands of its README. Then runs them: in an empty
# root, under the real Kapacitor, and as an installed package, which needs root. Container files are read by
# programs that know their formats. No engine runs them. Arguments go to `cargo test -p deploy-tests`.
#
#   tests/deploy/run.sh
#   tests/deploy/run.sh --test empty_root
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
udf=$(tests/template/packaged.sh "$work")

cd "$work"
"$udf" new deployed-udf --edges stream >/dev/null
export UDF_PROJECT=$work/deployed-udf
cd "$UDF_PROJECT"
# The first command of the README that builds statically with `cargo $1`, exactly as it stands there.
static() {
    local command
    command=$(grep -m 1 "^RUSTFLAGS=.* cargo $1" README.md)
    echo "$command"
    eval "$command"
}
(
    export CARGO_TARGET_DIR=$root/target/template CARGO_TERM_QUIET=true
    static build
    static deb
)
tools=$("$root/tests/deploy/tools.sh")
"$tools/hadolint" Containerfile
"$tools/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/ci.yml
export UDF_COMPOSE=$work/compose.json
"$tools/compose-config" -format json compose.yaml >"$UDF_COMPOSE"

UDF_PROGRAM=$(ls "$root"/target/template/*-linux-gnu/release/deployed-udf)
UDF_DEBIAN_PACKAGE=$(ls "$root"/target/template/debian/deployed-udf_*.deb)
export UDF_PROGRAM UDF_DEBIAN_PACKAGE

cd "$root"
tests/kapacitor/build.sh >/dev/null
cargo test --quiet -p deploy-tests "$@"
