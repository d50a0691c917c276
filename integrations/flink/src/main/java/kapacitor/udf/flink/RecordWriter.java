package kapacitor.udf.flink;

import agent.Udf.BeginBatch;
import agent.Udf.EndBatch;
import agent.Udf.Point;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

/**
 * Makes records of what a UDF sends.
 *
 * @param <R> the type of the records
 */
public interface RecordWriter<R> extends Serializable {
    /** Makes the records of a point of a stream. */
    void point(Point point, Collector<R> out);

    /** Makes the records of a batch. */
    void batch(Batch batch, Collector<R> out);

    /** The type of the records. */
    TypeInformation<R> type();

    /**
     * A batch that a UDF has sent.
     *
     * @param begin name, group and whether that counts the name, as the UDF sent them
     * @param points the points, which have time, tags and fields
     * @param end latest time and tags
     */
    record Batch(BeginBatch begin, List<Point> points, EndBatch end) {}
}
