"""A UDF with state in Structured Streaming: the moving average of a field, for each host, exactly once.

Reads JSON files with ``time`` (nanoseconds since the epoch), ``host`` and ``value``, as they appear in a folder,
and writes JSON files with ``time``, ``host`` and ``avg``.

Points are spread over shards by the hash of their group. For each shard and micro-batch a process of the UDF goes
on from the snapshot that the one before has left in Spark's state store.
"""

import argparse
import json

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.streaming import StatefulProcessor

import udf

INPUT = "time LONG, host STRING, value DOUBLE"
OUTPUT = "time LONG, host STRING, avg DOUBLE"


class Udf(StatefulProcessor):
    """A UDF's shard."""

    def __init__(self, command, options):
        self.command = command
        self.options = options

    def init(self, handle):
        self.snapshot = handle.getValueState("snapshot", "snapshot BINARY")

    def handleInputRows(self, key, rows, timerValues):
        # Spark does not keep the order of a group's rows.
        rows = sorted(rows, key=lambda row: row.time)
        points = (udf.point("cpu", row.time, {"host": row.host}, {"value": row.value}, ["host"]) for row in rows)
        before = self.snapshot.get() if self.snapshot.exists() else None
        output, snapshot = udf.run(self.command, self.options, before and bytes(before[0]), points)
        if snapshot:
            self.snapshot.update((snapshot,))
        for point in output:
            yield Row(time=point.time, host=point.tags["host"], avg=point.fieldsDouble["avg"])

    def close(self):
        pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--udf", required=True, help="the program, at a path that every executor has")
    arguments.add_argument("--option", action="append", default=[], metavar="NAME=JSON", help='as field=\\"value\\"')
    arguments.add_argument("--shards", type=int, default=8, help="stays for the life of a checkpoint [8]")
    arguments.add_argument("--input", required=True)
    arguments.add_argument("--output", required=True)
    arguments.add_argument("--checkpoint", required=True)
    given = arguments.parse_args()
    options = [(name, json.loads(value)) for name, value in (option.split("=", 1) for option in given.option)]

    spark = (
        SparkSession.builder.appName("udf")
        .config(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
        )
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    points = spark.readStream.schema(INPUT).option("maxFilesPerTrigger", 1).json(given.input)
    output = (
        points.withColumn("shard", f.pmod(f.hash("host"), f.lit(given.shards)))
        .groupBy("shard")
        .transformWithState(Udf([given.udf], options), OUTPUT, "Append", "None")
    )
    (
        output.writeStream.format("json")
        .option("path", given.output)
        .option("checkpointLocation", given.checkpoint)
        .trigger(availableNow=True)
        .start()
        .awaitTermination()
    )


if __name__ == "__main__":
    main()
