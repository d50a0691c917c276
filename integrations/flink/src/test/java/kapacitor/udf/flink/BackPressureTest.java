package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kapacitor.udf.flink.support.MetricsOfTests;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A UDF that is held makes the source wait: what it has not taken stays with the source. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BackPressureTest {
    private static final long POINTS = 500_000;
    /** What fits into the buffers of Flink and of the socket, and several times that. */
    private static final long MOST_WITHIN = 200_000;

    /** The source stands still if so many looks in a row have found the same. */
    private static final int LOOKS = 25;

    /** Opened when the UDF is held. */
    private static final CountDownLatch BEGIN = new CountDownLatch(1);
    private static final AtomicLong EMITTED = new AtomicLong();

    @TempDir Path folder;

    @AfterEach
    void cancelAll() throws Exception {
        BEGIN.countDown();
        TestCluster.cancelAll();
    }

    @Test
    void aUdfThatIsHeldHoldsTheSource() throws Exception {
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        // A checkpoint waits for the UDF by itself.
        env.getCheckpointConfig().disableCheckpointing();
        var source = new DataGeneratorSource<String>(BackPressureTest::line, POINTS, Types.STRING);
        Scenario.ALL
                .get(0)
                .step("held")
                .timeout(Duration.ofSeconds(2 * TestCluster.PATIENCE))
                .apply(
                        env.fromSource(source, WatermarkStrategy.noWatermarks(), "unlimited"),
                        LineProtocol.reader(),
                        LineProtocol.writer())
                .sinkTo(new DiscardingSink<>());
        JobID job = TestCluster.submit(env, null);

        ProcessHandle server = TestCluster.until("the UDF's server", () -> {
            List<ProcessHandle> servers =
                    Programs.servers(ProcessHandle.current(), Programs.example("moving_avg"));
            return servers.isEmpty() ? null : servers.get(0);
        });
        // Every shard has its session before the first point can come.
        TestCluster.until("the metrics of the UDF", () -> MetricsOfTests.has("held.udf.pointsIn") ? true : null);
        TestCluster.until("all sessions", () -> TestCluster.isRunning(job) ? true : null);
        Programs.signal("STOP", server);
        BEGIN.countDown();
        long[] last = {-1, 0};
        TestCluster.until("the source to stand still under back-pressure", () -> {
            long emitted = EMITTED.get();
            assertTrue(emitted < MOST_WITHIN, "the source went on: " + emitted + " points");
            boolean isStill = emitted == last[0] && MetricsOfTests.isBackPressured("Source: unlimited");
            last[0] = emitted;
            last[1] = isStill ? last[1] + 1 : 0;
            return last[1] >= LOOKS ? true : null;
        });

        Programs.signal("CONT", server);
        TestCluster.finish(job);
        assertEquals(POINTS, EMITTED.get());
        assertEquals(POINTS, MetricsOfTests.value("held.udf.pointsIn"));
        assertEquals(POINTS, MetricsOfTests.value("held.udf.recordsOut"));
    }

    private static String line(long index) throws InterruptedException {
        BEGIN.await();
        EMITTED.incrementAndGet();
        return Scenario.line(index);
    }
}
