import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent.parent
PROGRAMS = HERE.parent.parent / "target/release/examples"

# For what Spark starts; pytest.ini is for the tests.
os.environ["PYTHONPATH"] = f"{HERE}:{HERE / 'build'}"
os.environ["PYSPARK_PYTHON"] = sys.executable


@pytest.fixture(scope="session")
def moving_avg():
    program = PROGRAMS / "moving_avg"
    assert program.exists(), f"{program} is missing; integrations/spark/run.sh builds it"
    return str(program)


@pytest.fixture(scope="session")
def points():
    """Points of 20 hosts, a second apart, as (time, host, value)."""
    return [
        (1_700_000_000_000_000_000 + index // 20 * 1_000_000_000, f"h{index % 20}", float(index * 7919 % 1000))
        for index in range(6_000)
    ]


def line(point):
    time, host, value = point
    return f"cpu,host={host} value={value} {time}"


@pytest.fixture(scope="session")
def expected(moving_avg, points):
    """What one ``pipe`` run makes of them: (time, host, average), sorted."""
    text = "\n".join(line(point) for point in points) + "\n"
    command = [moving_avg, "pipe", "--strict", "--group-by", "host", "--set", "field=value", "--set", "size=10"]
    output = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return sorted(averages(output.splitlines()))


def averages(lines):
    for text in lines:
        head, fields, time = text.split(" ")
        yield int(time), head.removeprefix("cpu,host="), float(fields.removeprefix("avg="))
