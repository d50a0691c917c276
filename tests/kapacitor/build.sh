#!/usr/bin/env bash
# Builds the programs that the tests in this folder run: the real kapacitord and the example UDFs of its
# official Go agent, in the versions that go.mod and go.sum pin.
#
#   tests/kapacitor/build.sh
#
# They go into a cache folder outside the checkout: the one that KAPACITOR_UDF_CACHE names, or
# ${XDG_CACHE_HOME:-~/.cache}/kapacitor-udf. They are built again only if go.mod, go.sum, this script or
# the Go version has changed. The first build takes about 6 minutes on 2 cores, and 2 GB of downloads and
# caches. The last line printed is the folder with the programs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

readonly VERSION=1.8.3
readonly MODULE=github.com/influxdata/kapacitor
readonly EXAMPLES=(mirror moving_avg outliers)
readonly PROGRAMS=(kapacitord "${EXAMPLES[@]/#/go_}")

say() { echo "build.sh: $*" >&2; }

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
    need go "install Go 1.21 or newer (https://go.dev/dl, Debian: apt-get install golang)"
    local minor
    minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    if [[ -n $minor ]] && ((minor < 21)); then
        say "error: Go 1.$minor is too old: install Go 1.21 or newer (https://go.dev/dl)"
        missing=1
    fi
    need cargo "install Rust (https://rustup.rs)"
    need cc "install a C compiler (Debian: apt-get install gcc libc6-dev)"
    need flock "install util-linux (Debian: apt-get install util-linux)"
    need influxd "install InfluxDB 1.x (Debian: apt-get install influxdb)"
    return $missing
}

# A checksum of everything that the programs depend on.
fingerprint() {
    { cat go.mod go.sum build.sh && go version; } | sha256sum | cut -d' ' -f1
}

up_to_date() {
    [[ -f $stamp && $(<"$stamp") == "$1" ]] || return 1
    local program
    for program in "${PROGRAMS[@]}"; do [[ -x $folder/$program ]] || return 1; done
}

# Runs one step and reports its name and duration. A failure ends the script by `set -e`, so on_exit
# reports it. An `||` here would turn `set -e` off in the step.
step() {
    local start=$SECONDS
    doing=$1
    say "$doing ..."
    "${@:2}"
    say "$1: done in $((SECONDS - start)) s"
}

on_exit() {
    local status=$?
    rm -rf "$work"
    if ((status != 0)); then
        say "error: this step failed: $doing"
        say "help: an interrupted build may have left a broken cache: go clean -cache"
    fi
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
            go build -o "$work/go_$example" "$MODULE/udf/agent/examples/$example"
    done
    step "building kapacitord $VERSION, and Flux in it (minutes)" \
        nice go build -ldflags "-s -w -X main.version=$VERSION" \
        -o "$work/kapacitord" "$MODULE/cmd/kapacitord"
}

check_tools

cache=${KAPACITOR_UDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kapacitor-udf}
folder=$cache/kapacitor-$VERSION
stamp=$folder/fingerprint
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# Allows one build at a time in a shared cache. A process that has waited finds it done.
exec 9>"$folder/lock"
flock -n 9 || { say "waiting for another build in $folder"; flock 9; }

# A go.work or flags from outside would override go.mod.
export GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=1 GO111MODULE=on
unset GOOS GOARCH

wanted=$(fingerprint)
if up_to_date "$wanted"; then
    say "nothing has changed: kapacitord $VERSION and the Go examples are already built"
else
    work=$(mktemp -d "$folder/build.XXXXXX")
    trap on_exit EXIT
    rm -f "$stamp"
    build
    for program in "${PROGRAMS[@]}"; do mv -f "$work/$program" "$folder/$program"; done
    echo "$wanted" >"$stamp"
    say "all done in $SECONDS s"
fi
echo "$folder"
