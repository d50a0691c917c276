package kapacitor.udf.flink;

import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** What an operator of a cluster sees of a UDF, in the group {@code udf} of the operator's metrics. */
final class UdfMetrics {
    final Counter pointsIn;
    final Counter recordsOut;
    /** How long the latest checkpoint that asked for snapshots has waited for them. */
    volatile long snapshotMs;

    UdfMetrics(MetricGroup operator, LongSupplier waitingBytes, LongSupplier waitedMs,
            LongSupplier snapshotBytes, LongSupplier restarts) {
        MetricGroup group = operator.addGroup("udf");
        pointsIn = group.counter("pointsIn");
        recordsOut = group.counter("recordsOut");
        group.gauge("waitingBytes", (Gauge<Long>) waitingBytes::getAsLong);
        group.gauge("waitedMs", (Gauge<Long>) waitedMs::getAsLong);
        group.gauge("snapshotBytes", (Gauge<Long>) snapshotBytes::getAsLong);
        group.gauge("snapshotMs", (Gauge<Long>) () -> snapshotMs);
        group.gauge("restarts", (Gauge<Long>) restarts::getAsLong);
    }
}
