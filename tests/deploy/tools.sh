#!/usr/bin/env bash
# Installs the programs that read a project's container files without an engine: hadolint, check-jsonschema,
# and `compose-config`, which is what `docker compose config` does.
#
#   tests/deploy/tools.sh
#
# They go into a cache folder outside of the checkout, ${XDG_CACHE_HOME:-~/.cache}/kapacitor-udf, or the one
# that KAPACITOR_UDF_CACHE names. They are installed again only when a version, this script or the Go version
# has changed. About half a minute the first time. The last line printed is the folder with the programs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

say() { echo "tools.sh: $*" >&2; }

command -v go >/dev/null || {
    say "error: go is missing: install Go 1.24 or newer (https://go.dev/dl, Debian: apt-get install golang)"
    exit 1
}
python3 -m ensurepip --version >/dev/null 2>&1 || {
    say "error: Python's venv is missing: install it (Debian: apt-get install python3-venv)"
    exit 1
}

cache=${KAPACITOR_UDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kapacitor-udf}
folder=$cache/deploy
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# One installation at a time for all that share the cache; the second one finds it done.
exec 9>"$folder/lock"
flock -n 9 || { say "waiting for another installation in $folder"; flock 9; }

# A go.work or flags from outside would build something else than go.mod says.
export GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 GO111MODULE=on
unset GOOS GOARCH

wanted=$({ cat go.mod go.sum requirements.txt tools.sh && go version && python3 --version; } | sha256sum | cut -d' ' -f1)
if [[ -f $folder/fingerprint && $(<"$folder/fingerprint") == "$wanted" ]]; then
    say "nothing has changed: the programs are installed already"
else
    rm -rf "$folder/fingerprint" "$folder/python"
    python3 -m venv "$folder/python"
    "$folder/python/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
    nice go build -o "$folder/python/bin/compose-config" github.com/compose-spec/compose-go/v2/cmd
    echo "$wanted" >"$folder/fingerprint"
    say "done in $SECONDS s"
fi
echo "$folder/python/bin"
