package kapacitor.udf.flink;

import agent.Udf.Point;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.util.Collector;

/** Opens the package's readers to the tests' support. */
public final class Points {
    private Points() {}

    /** The points of line protocol, grouped by nothing. */
    public static List<Point> read(String lines) {
        return read(lines, GroupBy.tags(false));
    }

    static List<Point> read(String lines, GroupBy groupBy) {
        try {
            return readOrFail(lines, groupBy);
        } catch (BadRecordException error) {
            throw new AssertionError(error.getMessage() + ": " + lines, error);
        }
    }

    static List<Point> readOrFail(String lines, GroupBy groupBy) throws BadRecordException {
        List<Point> points = new ArrayList<>();
        PointBuilder builder = new PointBuilder(groupBy, 16);
        builder.to(new Collector<Tuple2<Integer, byte[]>>() {
            @Override
            public void collect(Tuple2<Integer, byte[]> record) {
                points.add(Frames.read(record.f1).get(0).getPoint());
            }

            @Override
            public void close() {}
        });
        LineProtocol.reader().read(lines, builder);
        return points;
    }
}
