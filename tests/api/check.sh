#!/usr/bin/env bash
# Compares the public API of udf-runtime with the list that is checked in, and the snapshots of releases
# with those that were released.
#
#   tests/api/check.sh             fails where something differs
#   tests/api/check.sh --accept    writes the list of today's API
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
list=tests/api/udf-runtime.txt
found=$(mktemp)
trap 'rm -f "$found"' EXIT

# Without what every type has, and what follows from a type's fields.
cargo public-api --package udf-runtime --all-features --simplified --simplified --color never >"$found"
if [[ ${1:-} == --accept ]]; then
    cp "$found" "$list"
    exit
fi
if ! diff --unified=0 --label "$list" --label "the API of this tree" "$list" "$found"; then
    cat >&2 <<HELP
error: expected the public API in $list, found another one
help: docs/compatibility.md says which version a change needs; 'tests/api/check.sh --accept' updates the list
HELP
    exit 1
fi

# A clone without tags has no releases to compare with.
for tag in $(git tag --list 'v*'); do
    snapshot=udf-runtime/tests/snapshots/${tag#v}.snapshot
    if ! git diff --quiet "$tag" -- "$snapshot" || [[ ! -f $snapshot ]]; then
        echo "error: expected $snapshot as it was released, found another one or none" >&2
        echo "help: git checkout $tag -- $snapshot" >&2
        exit 1
    fi
done
