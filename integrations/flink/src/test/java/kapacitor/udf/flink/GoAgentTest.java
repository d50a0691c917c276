package kapacitor.udf.flink;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.Gate;
import kapacitor.udf.flink.support.Lines;
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

/** The official Go agent's moving_avg, which serves on its standard input and output: a process a shard. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class GoAgentTest {
    private static final int POINTS = 10_000;

    @TempDir Path folder;

    @AfterEach
    void endJobs() throws Exception {
        TestCluster.cancelAll();
    }

    static String line(long index) {
        return "m,host=h" + index % 10 + " value=" + index * 7919 % 1000 + " " + index;
    }

    @Test
    void killsAndASavepointWithOtherParallelism() throws Exception {
        List<String> expected = rounded(Programs.pipe(
                Programs.example("moving_avg"),
                LongStream.range(0, POINTS).mapToObj(GoAgentTest::line).toList(),
                "--group-by", "host", "--set", "field=value", "--set", "size=8"));
        String program = Programs.goExample("go_moving_avg");
        Gate.close();
        JobID job = submit(program, 1, null);
        Committed.await(folder.resolve("out"), 1000);
        ProcessHandle.current().children().filter(child -> child.info().command().orElse("").equals(program))
                .forEach(ProcessHandle::destroyForcibly);
        Committed.await(folder.resolve("out"), 3000);
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);
        Gate.open();
        TestCluster.finish(submit(program, 2, savepoint));
        Lines.assertSame(
                "the Go agent", expected, rounded(Lines.comparable(Committed.lines(folder.resolve("out")))));
    }

    /** The Go agent adds and subtracts parts of the average, so that its last digits differ. */
    private static List<String> rounded(List<String> texts) {
        return texts.stream()
                .map(text -> {
                    int number = text.lastIndexOf(' ') + 1;
                    double value = Double.parseDouble(text.substring(number, text.length() - 1));
                    return text.substring(0, number) + Math.round(value * 1e6);
                })
                .toList();
    }

    private JobID submit(String program, int parallelism, String savepoint) throws Exception {
        StreamExecutionEnvironment env =
                TestCluster.environment(folder.resolve("checkpoints"), "hashmap", parallelism);
        var source = new DataGeneratorSource<>(GoAgentTest::line, POINTS, new Gate(400), Types.STRING);
        var lines = env.fromSource(source, WatermarkStrategy.noWatermarks(), "source").uid("source").setParallelism(1);
        KapacitorUdf.program(program)
                .options(".field('value').size(8).as('avg')")
                .groupBy("host")
                .shards(4)
                .apply(lines, LineProtocol.reader(), LineProtocol.writer())
                .sinkTo(Scenario.sink(folder.resolve("out")))
                .uid("sink");
        return TestCluster.submit(env, savepoint);
    }
}
