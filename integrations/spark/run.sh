#!/usr/bin/env bash
# Makes the environment of the two examples where it is missing (848 MB), and tests them. Installs what is
# missing of Java and Python, as root. Arguments go to pytest.
#
#   integrations/spark/run.sh
#   integrations/spark/run.sh -k backfill
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
readonly MINUTES=10

# Debian's packages where the command fails.
need() {
    $1 >/dev/null 2>&1 && return
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "${@:2}"
}

need "java -version" openjdk-17-jre-headless
need "python3 -m ensurepip --version" python3 python3-venv
need "cargo --version" cargo

cargo build --quiet --release --example moving_avg --manifest-path ../../Cargo.toml

# As requirements.txt says, and made again when that changes.
if ! cmp -s requirements.txt .venv/requirements.txt; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --no-compile --disable-pip-version-check -r requirements.txt
    cp requirements.txt .venv/
fi

mkdir -p build
.venv/bin/python -m grpc_tools.protoc -I ../../proto --python_out=build udf.proto

timeout --kill-after=10 $((MINUTES * 60)) .venv/bin/python -m pytest -q tests "$@" || {
    status=$?
    ((status != 124)) || echo "error: not done after $MINUTES minutes" >&2
    exit "$status"
}
