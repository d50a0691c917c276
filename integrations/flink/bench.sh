#!/usr/bin/env bash
# Prints the tables of docs/scale.md: medians of so many rounds, which take turns.
#
#   integrations/flink/bench.sh          about 10 minutes on two cores
#   integrations/flink/bench.sh 1 0.1    a round of a tenth of the points
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

cargo build --quiet --release --examples --manifest-path ../../Cargo.toml
mvn -B -q --no-transfer-progress test-compile dependency:build-classpath \
    -Dmdep.outputFile=target/classpath -Dmdep.includeScope=test
exec java -Xmx3g -Dudf.programs=../../target/release/examples \
    --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED \
    -cp "target/test-classes:target/classes:$(<target/classpath)" \
    kapacitor.udf.flink.Benchmark "$@"
