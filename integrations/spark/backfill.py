"""A UDF over a lot of old data: line protocol in, line protocol out, by the UDF's own ``pipe`` command.

All points of a group lie in one partition, in the order of their time, and each partition is one process.
"""

import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as f


def averages(spark, command, lines, tag):
    """The UDF's output for a data frame with a column ``value`` of lines, grouped by a tag."""
    keyed = lines.select(
        "value",
        # Without escapes in the tag's value; the time is what follows the last space. Comments have neither.
        f.regexp_extract("value", f",{tag}=([^, ]*)", 1).alias("group"),
        f.regexp_extract("value", r" (-?\d+)\s*$", 1).try_cast("long").alias("time"),
    )
    ordered = keyed.repartition("group").sortWithinPartitions("time")
    # With checkCode, a UDF that fails is an error. Without it, a refused option gives no rows and no error.
    return ordered.rdd.map(lambda row: row.value).pipe(command, checkCode=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", required=True, help='"/opt/udf/moving_avg pipe --group-by host --set …"')
    arguments.add_argument("--tag", required=True, help="the tag that the command groups by")
    arguments.add_argument("--input", required=True)
    arguments.add_argument("--output", required=True)
    given = arguments.parse_args()
    spark = SparkSession.builder.appName("backfill").getOrCreate()
    averages(spark, given.command, spark.read.text(given.input), given.tag).saveAsTextFile(given.output)


if __name__ == "__main__":
    main()
