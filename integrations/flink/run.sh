#!/usr/bin/env bash
# Builds what the tests run, then builds and tests all of this folder. Installs what is missing of
# Maven and the JDK, as root. Arguments go to Maven.
#
#   integrations/flink/run.sh
#   integrations/flink/run.sh -Dtest=ExactlyOnceTest
#
# The jar for `flink run` is target/kapacitor-udf-flink-0.1.0-job.jar then.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
readonly MINUTES=15

# Debian's packages where the program is missing.
need() {
    command -v "$1" >/dev/null && return
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "${@:2}"
}

need javac openjdk-17-jdk-headless
need mvn maven
need cargo cargo
need go golang

cargo build --quiet --release --examples --manifest-path ../../Cargo.toml

# The official Go agent's example, of the version that tests/kapacitor pins.
go_programs=$PWD/target/go
mkdir -p "$go_programs"
(
    cd ../../tests/kapacitor
    GOFLAGS=-mod=readonly GOWORK=off go build -o "$go_programs/go_moving_avg" \
        github.com/influxdata/kapacitor/udf/agent/examples/moving_avg
)

# In a group of its own, all of which is ended with this script.
set -m
timeout --kill-after=10 $((MINUTES * 60)) \
    mvn -B --no-transfer-progress -Dgo.programs="$go_programs" "$@" verify &
maven=$!
trap 'kill -KILL -- -$maven 2>/dev/null || true' EXIT
status=0
wait "$maven" || status=$?
((status != 124)) || echo "error: not done after $MINUTES minutes" >&2

# Surefire's and Failsafe's own summaries, once more at the end.
echo
for report in target/surefire-reports/*.txt target/failsafe-reports/*.txt; do
    [[ ! -f $report ]] || grep '^Tests run' "$report"
done
exit "$status"
