package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.Gate;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.MetricsOfTests;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** 100,000 groups in one shard, whose snapshot is several megabytes large. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LargeStateTest {
    private static final int GROUPS = 100_000;
    private static final int POINTS = 2 * GROUPS;

    @TempDir Path folder;

    @AfterEach
    void endJobs() throws Exception {
        TestCluster.cancelAll();
    }

    @Test
    void aHundredThousandGroupsInOneShard() throws Exception {
        List<String> expected = Programs.pipe(
                Programs.example("moving_avg"),
                LongStream.range(0, POINTS).mapToObj(LargeStateTest::line).toList(),
                "--group-by", "host", "--set", "field=value", "--set", "size=10");
        Gate.close();
        JobID job = submit(null);
        Committed.await(folder.resolve("out"), GROUPS / 2);
        long bytes = MetricsOfTests.value("large.udf.snapshotBytes");
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);
        Gate.open();
        TestCluster.finish(submit(savepoint));
        Lines.assertSame("moving_avg", expected, Lines.comparable(Committed.lines(folder.resolve("out"))));
        assertTrue(bytes > 2_000_000, "a snapshot of " + bytes + " bytes");
    }

    static String line(long index) {
        return "m,host=h" + index % GROUPS + " value=" + index % 97 + " " + index;
    }

    private JobID submit(String savepoint) throws Exception {
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        var source = new DataGeneratorSource<>(LargeStateTest::line, POINTS, new Gate(GROUPS / 2), Types.STRING);
        var lines = env.fromSource(source, WatermarkStrategy.noWatermarks(), "source").uid("source").setParallelism(1);
        KapacitorUdf.program(Programs.example("moving_avg"))
                .name("large")
                .options(".field('value').size(10)")
                .groupBy("host")
                .shards(1)
                .apply(lines, LineProtocol.reader(), LineProtocol.writer())
                .sinkTo(Scenario.sink(folder.resolve("out")))
                .uid("sink");
        return TestCluster.submit(env, savepoint);
    }
}
