package kapacitor.udf.flink.job;

import agent.Udf.Point;
import kapacitor.udf.flink.LineProtocol;
import kapacitor.udf.flink.RecordWriter;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.util.Collector;

/** Writes each point, and each batch, with its group before it: the key that keeps a group in one partition. */
final class GroupedLines implements RecordWriter<Tuple2<String, String>> {
    private static final long serialVersionUID = 1;
    private final long unit;

    /** @param unit nanoseconds of the unit in which times are written; what is finer is cut off */
    GroupedLines(long unit) {
        this.unit = unit;
    }

    @Override
    public void point(Point point, Collector<Tuple2<String, String>> out) {
        String line = LineProtocol.line(inUnit(point));
        if (line != null) {
            out.collect(Tuple2.of(point.getGroup(), line));
        }
    }

    @Override
    public void batch(Batch batch, Collector<Tuple2<String, String>> out) {
        var points = batch.points().stream().map(this::inUnit).toList();
        String lines = LineProtocol.lines(new Batch(batch.begin(), points, batch.end()));
        if (!lines.isEmpty()) {
            out.collect(Tuple2.of(batch.begin().getGroup(), lines));
        }
    }

    private Point inUnit(Point point) {
        return unit == 1 ? point : point.toBuilder().setTime(Math.floorDiv(point.getTime(), unit)).build();
    }

    @Override
    public TypeInformation<Tuple2<String, String>> type() {
        return Types.TUPLE(Types.STRING, Types.STRING);
    }
}
