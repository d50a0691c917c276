#!/usr/bin/env bash
# Builds the programs that the tests in this folder run: the real kapacitord and the example UDFs of its
# official Go agent, in the versions that go.mod and go.sum pin.
#
#   tests/kapacitor/build.sh
#
# The first build takes about 6 minutes on 2 cores, and 2 GB of downloads and caches. The last line printed
# is the folder with the programs. ../go-build.sh says where it is.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
source ../go-build.sh
export CGO_ENABLED=1

readonly VERSION=1.8.3
readonly MODULE=github.com/influxdata/kapacitor
readonly EXAMPLES=(mirror moving_avg outliers)
readonly PROGRAMS=(kapacitord "${EXAMPLES[@]/#/go_}")

# Reports all missing tools at once, each with the package that provides it.
check_tools() {
    local missing=0
    need() {
        command -v "$1" >/dev/null && return
        # Debian installs daemons in folders that may not be on the PATH.
        [[ -x /usr/sbin/$1 || -x /usr/local/sbin/$1 ]] && return
        say "error: $1 is missing: $2"
        missing=1
    }
    need_go 21 || missing=1
    need cargo "install Rust (https://rustup.rs)"
    need cc "install a C compiler (Debian: apt-get install gcc libc6-dev)"
    need flock "install util-linux (Debian: apt-get install util-linux)"
    need influxd "install InfluxDB 1.x (Debian: apt-get install influxdb)"
    return $missing
}

# Kapacitor links Flux, which is partly written in Rust. Go asks InfluxData's `pkg-config` for the linker
# flags, and that command also builds the Rust part.
prepare_flux() {
    mkdir -p "$work/tools"
    # For cgo it must be the first on the PATH. It finds the system's one after itself.
    go build -o "$work/tools/pkg-config" github.com/influxdata/pkg-config
    export PATH=$work/tools:$PATH PKG_CONFIG=$work/tools/pkg-config

    # Flux pins an old toolchain. This build uses the installed one.
    if command -v rustup >/dev/null; then
        RUSTUP_TOOLCHAIN=$(rustup show active-toolchain | cut -d' ' -f1)
        export RUSTUP_TOOLCHAIN
    fi
    # It also denies warnings, and newer compilers have more of them. RUSTFLAGS would not reach its build
    # scripts. A wrapper does.
    cat >"$work/tools/rustc-wrapper" <<'WRAPPER'
#!/bin/sh
exec "$@" --cap-lints allow
WRAPPER
    chmod +x "$work/tools/rustc-wrapper"
    export RUSTC_WRAPPER=$work/tools/rustc-wrapper

    # The linker looks for the Rust library in its default place, so settings of a caller, such as cargo,
    # must not change that build.
    unset CARGO CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR CARGO_BUILD_TARGET
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS RUSTC RUSTC_WORKSPACE_WRAPPER
    unset RUSTDOCFLAGS CARGO_BUILD_RUSTC_WRAPPER CARGO_MAKEFLAGS MAKEFLAGS
}

# Downloads only what the programs need. `go mod download` would download more.
download() {
    go list -deps "${EXAMPLES[@]/#/$MODULE/udf/agent/examples/}" "$MODULE/cmd/kapacitord" \
        github.com/influxdata/pkg-config >/dev/null 2> >(grep -v "^go: downloading" >&2)
}

build() {
    local example
    step "downloading the Go modules" download
    step "building InfluxData's pkg-config" prepare_flux
    for example in "${EXAMPLES[@]}"; do
        step "building the Go agent's $example" \
            go build -o "$1/go_$example" "$MODULE/udf/agent/examples/$example"
    done
    step "building kapacitord $VERSION, and Flux in it (minutes)" \
        nice go build -ldflags "-s -w -X main.version=$VERSION" \
        -o "$1/kapacitord" "$MODULE/cmd/kapacitord"
}

check_tools
cached "kapacitor-$VERSION" build -- "${PROGRAMS[@]}"
echo "$folder"
