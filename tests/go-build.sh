# What the build.sh of each Go suite shares. It is sourced by them, from their own folders.
#
# Programs go into a cache folder outside of the checkout: the one that KAPACITOR_UDF_CACHE names, or
# ${XDG_CACHE_HOME:-~/.cache}/kapacitor-udf. They are built again only if their sources, go.mod, go.sum, the
# scripts or the Go version have changed.

# A go.work or flags from outside would override go.mod.
export GOWORK=off GOFLAGS=-mod=readonly GO111MODULE=on
unset GOOS GOARCH

say() { echo "build.sh: $*" >&2; }

# cached NAME BUILD SOURCES... -- PROGRAMS...
#
# Calls the function BUILD with an empty folder, in which it makes the programs, unless they are up to date.
# Sets `folder`, which has the programs then. Builds of one cache wait for each other.
cached() {
    local name=$1 build=$2
    shift 2
    local sources=(go.mod go.sum build.sh ../go-build.sh)
    while [[ $1 != -- ]]; do
        sources+=("$1")
        shift
    done
    shift
    folder=${KAPACITOR_UDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kapacitor-udf}/$name
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)

    # A process that has waited for the lock finds the work done.
    exec 9>"$folder/lock"
    flock -n 9 || { say "waiting for another build in $folder"; flock 9; }

    local stamp=$folder/fingerprint wanted program
    wanted=$({ cat "${sources[@]}" && go version; } | sha256sum | cut -d' ' -f1)
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
        local missing=0
        for program; do [[ -x $folder/$program ]] || missing=1; done
        if ((missing == 0)); then
            say "nothing has changed: $* is built already"
            return
        fi
    fi
    rm -f "$stamp"
    work=$(mktemp -d "$folder/build.XXXXXX")
    doing="preparing the build"
    trap on_exit EXIT
    "$build" "$work"
    for program; do mv -f "$work/$program" "$folder/$program"; done
    echo "$wanted" >"$stamp"
    say "all done in $SECONDS s"
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

# Fails where Go is missing or older than the given minor version of 1.
need_go() {
    local minor
    command -v go >/dev/null || {
        say "error: go is missing: install Go 1.$1 or newer (https://go.dev/dl, Debian: apt-get install golang)"
        return 1
    }
    minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    if [[ -n $minor ]] && ((minor < $1)); then
        say "error: Go 1.$minor is too old: install Go 1.$1 or newer (https://go.dev/dl)"
        return 1
    fi
}
