package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.MetricsOfTests;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows in and out, of points and of batches. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RowsTest {
    @TempDir Path folder;

    @AfterEach
    void endJobs() throws Exception {
        TestCluster.cancelAll();
    }

    private static Row row(String time, Double value) {
        Row row = Row.withNames();
        row.setField("time", time == null ? null : Instant.parse(time));
        row.setField("host", "a");
        row.setField("value", value);
        row.setField("note", null);
        return row;
    }

    private DataStream<Row> rows(StreamExecutionEnvironment env) {
        return env.fromData(
                Types.ROW_NAMED(new String[] {"time", "host", "value", "note"}, Types.INSTANT, Types.STRING, Types.DOUBLE, Types.STRING),
                row("2024-01-01T00:00:00Z", 1.0),
                row("2024-01-01T00:00:01.000000001Z", 3.0),
                row("2024-01-01T00:00:02Z", null),
                row("2024-01-01T00:00:12Z", 100.0));
    }

    private List<String> run(DataStream<Row> output, StreamExecutionEnvironment env) throws Exception {
        output.map(Row::toString).returns(Types.STRING).sinkTo(Scenario.sink(folder.resolve("out")));
        TestCluster.finish(TestCluster.submit(env, null));
        return Committed.lines(folder.resolve("out"));
    }

    private static PointReader<Row> reader() {
        return Rows.reader("m", "time", List.of("host"), List.of("value", "note"));
    }

    @Test
    void pointsAndMetrics() throws Exception {
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        DataStream<Row> output = KapacitorUdf.program(Programs.example("moving_avg"))
                .name("rows")
                .options(".field('value').size(2)")
                .groupBy("host")
                .apply(rows(env), reader(), Rows.writer("time").tag("host").field("avg", Types.DOUBLE).points());
        List<String> found = run(output, env);
        assertEquals(
                List.of(
                        "+I[2024-01-01T00:00:00Z, a, 1.0]",
                        "+I[2024-01-01T00:00:01.000000001Z, a, 2.0]",
                        "+I[2024-01-01T00:00:12Z, a, 51.5]"),
                found);
        // The row without a field is left out, and counted.
        assertEquals(1, MetricsOfTests.value("to points.udf.badRecords"));
        assertEquals(3, MetricsOfTests.value("rows.udf.pointsIn"));
        assertEquals(3, MetricsOfTests.value("rows.udf.recordsOut"));
        assertEquals(0, MetricsOfTests.value("rows.udf.waitingBytes"));
        assertTrue(MetricsOfTests.value("rows.udf.snapshotBytes") > 0);
        assertTrue(MetricsOfTests.value("rows.udf.waitedMs") >= 0);
    }

    @Test
    void batches() throws Exception {
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        DataStream<Row> output = KapacitorUdf.program(Programs.example("episodes"))
                .options(".field('value').above(2)")
                .groupBy("host")
                .apply(rows(env), reader(), Rows.writer("t").tag("host").field("value", Types.DOUBLE).batches());
        assertEquals(
                List.of("+I[m, 2024-01-01T00:00:12Z, [+I[2024-01-01T00:00:01.000000001Z, a, 3.0], "
                        + "+I[2024-01-01T00:00:12Z, a, 100.0]]]"),
                run(output, env));
    }

    @Test
    void batchesEndByWatermarks() throws Exception {
        OpenBatches open = new OpenBatches(Duration.ofSeconds(10));
        byte[] saved;
        for (long second = 0; second < 10; second += 5) {
            assertEquals(0, open.add(frame(second)).size());
        }
        assertEquals(0, open.endUntil(9_999_999_999L).size());
        saved = open.save();
        // Begin, two points, end.
        assertEquals(4, open.endUntil(10_000_000_000L).size());
        assertEquals(0, open.endAll().size());
        OpenBatches restored = new OpenBatches(Duration.ofSeconds(10));
        restored.restore(saved);
        assertEquals(4, restored.add(frame(10)).size());
        assertEquals(3, restored.endAll().size());
    }

    private static byte[] frame(long second) {
        var point = Points.read("m v=1 " + second * 1_000_000_000).get(0);
        return Frames.of(agent.Udf.Request.newBuilder().setPoint(point).build());
    }
}
