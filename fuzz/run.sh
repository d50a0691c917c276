#!/usr/bin/env bash
# Runs each fuzz target for so many seconds, one after the other: fuzz/run.sh [SECONDS [TARGET…]]
#
# Needs a nightly compiler and `cargo install cargo-fuzz --locked`. Begins with the inputs that are
# checked in (corpus/), and keeps what it finds beside them (corpus.local/), which is not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-60}
shift || true
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(agent frames init line point restore)

failed=()
for target in "${targets[@]}"; do
    mkdir -p "corpus.local/$target"
    echo "== $target, for $seconds s"
    # A unit must not take long, nor much memory: both would be faults as well.
    cargo +nightly fuzz run "$target" "corpus.local/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
        -print_final_stats=1 -verbosity=0 || failed+=("$target")
done
[[ ${#failed[@]} -eq 0 ]] || { echo "error: found something: ${failed[*]}" >&2; exit 1; }
