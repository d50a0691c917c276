#!/usr/bin/env bash
# Builds the Telegraf that the tests in this folder run, from the version that go.mod and go.sum here
# pin, with just the plugins that they need.
#
#   tests/telegraf/build.sh
#
# It goes into a cache folder outside of the checkout, ${XDG_CACHE_HOME:-~/.cache}/kapacitor-udf, or
# the one that KAPACITOR_UDF_CACHE names. It is built again only when go.mod, go.sum, this script or the
# Go version has changed. About a minute the first time on 2 cores. The last line printed is the
# program.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

readonly PLUGINS=inputs.execd,processors.execd,outputs.file,parsers.influx,serializers.influx

say() { echo "build.sh: $*" >&2; }

command -v go >/dev/null || {
    say "error: go is missing: install Go 1.25 or newer (https://go.dev/dl, Debian: apt-get install golang)"
    exit 1
}

cache=${KAPACITOR_UDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kapacitor-udf}
folder=$cache/telegraf
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# One build at a time for all that share the cache; the second one finds it done.
exec 9>"$folder/lock"
flock -n 9 || { say "waiting for another build in $folder"; flock 9; }

# A go.work or flags from outside would build something else than go.mod says.
export GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 GO111MODULE=on
unset GOOS GOARCH

wanted=$({ cat go.mod go.sum build.sh && go version; } | sha256sum | cut -d' ' -f1)
if [[ -x $folder/telegraf && -f $folder/fingerprint && $(<"$folder/fingerprint") == "$wanted" ]]; then
    say "nothing has changed: Telegraf is built already"
else
    rm -f "$folder/fingerprint"
    say "building Telegraf ..."
    nice go build -tags "custom,$PLUGINS" -o "$folder/telegraf.new" github.com/influxdata/telegraf/cmd/telegraf
    mv -f "$folder/telegraf.new" "$folder/telegraf"
    echo "$wanted" >"$folder/fingerprint"
    say "done in $SECONDS s"
fi
echo "$folder/telegraf"
