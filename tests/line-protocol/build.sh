#!/usr/bin/env bash
# Builds the oracle of the tests in this folder: a program that reads line protocol with the parsers of
# InfluxDB 1.x, line-protocol v2 and Telegraf, from the versions that go.mod and go.sum here pin.
#
#   tests/line-protocol/build.sh
#
# About a minute the first time on 2 cores. The last line printed is the program. ../go-build.sh says where
# it is kept.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
source ../go-build.sh
export CGO_ENABLED=0

build() {
    step "building the oracle" go build -trimpath -o "$1/oracle" ./oracle
}

need_go 21
cached line-protocol build oracle/*.go -- oracle
echo "$folder/oracle"
