import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from conftest import HERE

FILES = 6
PATIENCE = 240


def committed(output):
    """What the file sink's own log names: a file that it does not name is of a try that has failed."""
    log = output / "_spark_metadata"
    names = {
        json.loads(entry)["path"]
        for part in (log.iterdir() if log.exists() else [])
        if not part.name.startswith(".")
        for entry in part.read_text().splitlines()[1:]
    }
    files = [pathlib.Path(name.removeprefix("file:")) for name in names]
    rows = [json.loads(text) for file in files for text in file.read_text().splitlines()]
    return sorted((row["time"], row["host"], row["avg"]) for row in rows)


def start(master, moving_avg, folder):
    command = [sys.executable, HERE / "stream.py", "--udf", moving_avg, "--shards", "4"]
    command += ["--option", 'field="value"', "--option", "size=10"]
    command += ["--input", folder / "in", "--output", folder / "out", "--checkpoint", folder / "checkpoint"]
    environment = os.environ | {"PYSPARK_SUBMIT_ARGS": f"--master {master} --conf spark.ui.enabled=false pyspark-shell"}
    log = open(folder / "log", "a")
    # A new process group, for the JVM and the workers that the driver starts.
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)


def end(driver):
    try:
        os.killpg(driver.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    driver.wait()


def wait_for(what, driver, folder):
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert driver.poll() is None, (folder / "log").read_text()[-4000:]
        assert time.monotonic() < deadline, "it did not come: " + (folder / "log").read_text()[-4000:]
        time.sleep(0.05)
    return found


def children(session, program):
    """The processes of a program that belong to a session."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(stat.name)) == session and os.readlink(stat / "exe") == program:
                found.append(int(stat.name))
        except OSError:
            continue
    return found


def test_kills_of_the_driver_and_of_the_udf(moving_avg, points, expected, tmp_path):
    (tmp_path / "in").mkdir()
    size = len(points) // FILES
    for number in range(FILES):
        rows = points[number * size : (number + 1) * size]
        file = tmp_path / "in" / f"{number}.json"
        file.write_text("".join(json.dumps(dict(zip(("time", "host", "value"), row))) + "\n" for row in rows))
        # Spark takes the oldest file first.
        os.utime(file, (1_700_000_000 + number,) * 2)

    driver = start("local[1]", moving_avg, tmp_path)
    try:
        wait_for(lambda: committed(tmp_path / "out"), driver, tmp_path)
    finally:
        end(driver)
    assert 0 < len(committed(tmp_path / "out")) < len(expected)

    # Another number of cores, and four tries for a task.
    driver = start("local[2,4]", moving_avg, tmp_path)
    try:
        for victim in wait_for(lambda: children(driver.pid, moving_avg), driver, tmp_path):
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        assert driver.wait(PATIENCE) == 0, (tmp_path / "log").read_text()[-4000:]
    finally:
        end(driver)
    assert committed(tmp_path / "out") == expected
