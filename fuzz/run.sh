#!/usr/bin/env bash
# Runs each fuzz target for SECONDS, 60 by default, one target per core at a time:
# fuzz/run.sh [SECONDS [TARGET…]]
#
# Needs a nightly compiler and `cargo install cargo-fuzz --locked`. It begins with the inputs that
# are checked in (corpus/) and keeps new inputs in corpus.local/, which is not checked in. It shows a
# target's output when the target ends. The output of a target that found a fault names the artifact.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-60}
shift || true
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(agent frames init line point restore)
cores=$(nproc)

fuzz() {
    mkdir -p "corpus.local/$1"
    # An input that takes long or much memory is a fault as well.
    cargo +nightly fuzz run "$1" "corpus.local/$1" "corpus/$1" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
        -print_final_stats=1 -verbosity=0
}

declare -A running=() # the running targets, by process
failed=()

# Waits for the first target that ends, and shows its output.
finish_one() {
    local process status=0
    wait -n -p process "${!running[@]}" || status=$?
    local target=${running[$process]}
    unset "running[$process]"
    echo "== $target, for $seconds s"
    cat "$said/$target"
    ((status == 0)) || failed+=("$target")
}

said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
# Builds all targets first, because otherwise they would wait for each other's builds.
cargo +nightly fuzz build
for target in "${targets[@]}"; do
    ((${#running[@]} < cores)) || finish_one
    fuzz "$target" >"$said/$target" 2>&1 &
    running[$!]=$target
done
while ((${#running[@]} > 0)); do finish_one; done
[[ ${#failed[@]} -eq 0 ]] || { echo "error: faults found by: ${failed[*]}" >&2; exit 1; }
