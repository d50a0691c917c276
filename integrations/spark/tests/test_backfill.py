import pytest
from pyspark.sql import SparkSession

from backfill import averages
from conftest import averages as read
from conftest import line


@pytest.fixture(scope="module")
def spark():
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def lines(spark, points):
    # Not in order, and not by group.
    texts = ["# a comment", ""] + [line(point) for point in reversed(points)]
    return spark.createDataFrame([(text,) for text in texts], "value STRING").repartition(4)


def test_equal_to_one_pipe(spark, lines, moving_avg, expected):
    command = f"{moving_avg} pipe --strict --group-by host --set field=value --set size=10"
    assert sorted(read(averages(spark, command, lines, "host").collect())) == expected


def test_a_refused_option_is_an_error(spark, lines, moving_avg):
    command = f"{moving_avg} pipe --group-by host --set field=value --set size=0"
    with pytest.raises(Exception, match="exit"):
        averages(spark, command, lines, "host").collect()
    # The control: without checkCode there is neither a row nor an error.
    assert lines.rdd.map(lambda row: row.value).pipe(command).collect() == []
