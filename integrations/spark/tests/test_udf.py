import pytest

import udf

OPTIONS = [("field", "value"), ("size", 10)]


def made(points):
    return [udf.point("cpu", time, {"host": host}, {"value": value}, ["host"]) for time, host, value in points]


def read(output):
    return [(point.time, point.tags["host"], point.fieldsDouble["avg"]) for point in output]


def test_a_process_goes_on_where_another_one_has_ended(moving_avg, points, expected):
    output, snapshot = udf.run([moving_avg], OPTIONS, None, made(points[:3000]))
    more, _ = udf.run([moving_avg], OPTIONS, snapshot, made(points[3000:]))
    assert sorted(read(output) + read(more)) == expected


def test_without_its_state_the_output_differs(moving_avg, points, expected):
    output, _ = udf.run([moving_avg], OPTIONS, None, made(points[:3000]))
    more, _ = udf.run([moving_avg], OPTIONS, None, made(points[3000:]))
    assert len(output) + len(more) == len(expected)
    assert sorted(read(output) + read(more)) != expected


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([("field", "value"), ("size", 0)], "refuses its options"),
        ([("sise", 1)], 'no option "sise"; it has as, field, size'),
    ],
)
def test_refused_options(moving_avg, options, text):
    with pytest.raises(udf.UdfError, match=text):
        udf.run([moving_avg], options, None, [])


def test_a_refused_state(moving_avg):
    with pytest.raises(udf.UdfError, match="refuses its state"):
        udf.run([moving_avg], OPTIONS, b"no snapshot", [])


def test_a_point_that_the_udf_refuses(moving_avg):
    bad = udf.point("cpu", 1, {"host": "a"}, {"other": True}, ["host"])
    with pytest.raises(udf.UdfError, match="the UDF has failed: .*value"):
        udf.run([moving_avg], OPTIONS, None, [bad])
