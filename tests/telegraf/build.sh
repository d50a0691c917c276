#!/usr/bin/env bash
# Builds the Telegraf that the tests in this folder run, from the version that go.mod and go.sum here
# pin, with just the plugins that they need.
#
#   tests/telegraf/build.sh
#
# About a minute the first time on 2 cores. The last line printed is the program. ../go-build.sh says where
# it is kept.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
source ../go-build.sh
export CGO_ENABLED=0

readonly PLUGINS=inputs.execd,processors.execd,outputs.file,parsers.influx,serializers.influx

build() {
    step "building Telegraf" \
        nice go build -tags "custom,$PLUGINS" -o "$1/telegraf" github.com/influxdata/telegraf/cmd/telegraf
}

need_go 21
cached telegraf build -- telegraf
echo "$folder/telegraf"
