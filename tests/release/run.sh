#!/usr/bin/env bash
# Tests release/check on copies of the repository: one that is ready for a release, and one for each thing that
# may be missing.
#
#   tests/release/run.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n '/^\[workspace\.package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml)

# A commit needs an author, and a machine need not have one.
git_here() {
    git -c user.name=test -c user.email=test@git.example "$@"
}

commit() {
    git_here add --all
    git_here commit --quiet --message change
}

# The last commit, with the scripts as they are now, made ready for a release.
git clone --quiet --no-tags --shared "$root" "$work/ready"
cp release/check release/package "$work/ready/release/"
cd "$work/ready"
sed -i 's|^repository = .*|repository = "https://forge.example/kapacitor-udf"|' Cargo.toml
{
    printf '# Changelog\n\n## [Unreleased]\n\n## [%s] - %s\n\n' "$version" "$(date -u +%F)"
    echo '- A change.'
} >CHANGELOG.md
commit

passed=0 failed=0

# Whether release/check succeeds on a changed copy, or fails and says a text.
expect() {
    local wanted=$1 change=$2 output status=0
    rm -rf "$work/copy"
    cp -r "$work/ready" "$work/copy"
    cd "$work/copy"
    eval "$change"
    output=$(release/check "$version" --quick 2>&1) || status=$?
    if [[ $wanted == ready && $status == 0 ]] || [[ $wanted != ready && $status == 1 && $output == *"$wanted"* ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'error: after `%s`: expected `%s`, found exit code %d and:\n%s\n' "$change" "$wanted" "$status" "$output" >&2
    fi
}

expect ready true
expect '?? new' 'touch new'
expect "the tag v$version exists" 'git_here tag "v$version"'
expect 'it is a placeholder' 'git show HEAD^:Cargo.toml >Cargo.toml; commit'
expect "expected $version" "sed -i 's|<version>$version<|<version>9.9.9<|' integrations/flink/pom.xml; commit"
expect 'udf-cli: expected' "sed -i 's|^version.workspace = true|version = \"9.9.9\"|' udf-cli/Cargo.toml; cargo update --quiet --offline --workspace; commit"
expect '--locked' "sed -i 's|^version.workspace = true|version = \"9.9.9\"|' udf-cli/Cargo.toml; commit"
expect 'expected the heading `## [' "sed -i 's|^## \[$version\] - .*|## [$version] - 2001-01-01|' CHANGELOG.md; commit"
expect 'expected changes below' "sed -i '/A change/d' CHANGELOG.md; commit"
expect 'it would belong to no version' "sed -i 's|^## .Unreleased.|&\n\n- Another.|' CHANGELOG.md; commit"

echo "$passed passed, $failed failed"
((failed == 0))
