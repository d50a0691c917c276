package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.FakeUdf;
import kapacitor.udf.flink.support.Gate;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** UDFs that refuse, hang, fail, or do not keep to the protocol: the job says why, and leaves nothing behind. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FaultsTest {
    @TempDir Path folder;

    @BeforeEach
    void closeTheGate() {
        Gate.close();
    }

    @AfterEach
    void nothingStays() throws Exception {
        TestCluster.cancelAll();
        List<ProcessHandle> children = ProcessHandle.current().children().toList();
        assertEquals(List.of(), children);
    }

    /** The restarts are many in the tests' configuration, so that a job which fails at once has given up by itself. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            .field('value').size(0)           | from 1 to 1000000
            .field('value')                   | size
            .field('value').sise(10)          | the UDF has no option "sise"; it has as, field, size
            .field('value').size(10.5)        | expected .size(INT), found .size(10.5)
            .field('value').size(10, 11)      | expected .size(INT), found .size(10, 11)
            """)
    void optionsThatAreRefused(String options, String text) throws Exception {
        String failure = failure(KapacitorUdf.program(Programs.example("moving_avg")).options(options), "many");
        assertTrue(failure.contains(text), failure);
        assertEquals(List.of(), Committed.lines(folder.resolve("out")));
    }

    @Test
    void aProgramThatDoesNotExist() throws Exception {
        String failure = failure(KapacitorUdf.program("/no/such/udf"), "many");
        assertTrue(
                failure.contains("the program /no/such/udf cannot be started: No such file or directory"), failure);
    }

    @Test
    void aPeriodForAUdfThatWantsAStream() throws Exception {
        String failure = failure(KapacitorUdf.program(Programs.example("mirror")).period(Duration.ofSeconds(1)), "many");
        assertTrue(failure.contains("a period is for a UDF that wants batches; mirror wants a stream"), failure);
    }

    @Test
    void theStateOfAnotherUdf() throws Exception {
        Scenario scenario = Scenario.ALL.get(0);
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        scenario.build(env, folder, "same", false);
        JobID job = TestCluster.submit(env, null);
        Committed.await(scenario.output(folder), 100);
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);

        env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        build(env, KapacitorUdf.program(Programs.example("episodes")).options(Scenario.ALL.get(1).options()).name("same"));
        String failure = TestCluster.failure(TestCluster.submit(env, savepoint));
        assertTrue(failure.contains("refuses the state of shard"), failure);
        assertTrue(failure.contains("moving_avg") || failure.contains("MovingAvg"), failure);
    }

    @Test
    void theStateOfAnotherVersion() throws Exception {
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        build(env, fake("good"));
        JobID job = TestCluster.submit(env, null);
        Committed.await(folder.resolve("out"), 100);
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);

        env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        build(env, fake("good"));
        String failure = TestCluster.failure(TestCluster.submit(env, savepoint));
        assertTrue(failure.contains("refuses the state of shard 0: version 1 of the state, and not 2"), failure);
    }

    /** Flink itself refuses: the shards are the step's key groups. */
    @Test
    void aSavepointOfAnotherNumberOfShards() throws Exception {
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        build(env, Scenario.ALL.get(0).step("same").shards(16));
        JobID job = TestCluster.submit(env, null);
        Committed.await(folder.resolve("out"), 100);
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);

        env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 1);
        build(env, Scenario.ALL.get(0).step("same").shards(8));
        String failure = TestCluster.failure(TestCluster.submit(env, savepoint));
        assertTrue(failure.contains("Max parallelism") || failure.contains("maximum parallelism"), failure);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hang           | the UDF of shard 0 hangs: it has not answered for 500 ms, its timeout, and was ended
            print          | it sent something else than a message of the protocol (does it print to its stdout?)
            fail           | the UDF of shard 0 has failed: the UDF's last words
            empty snapshot | the UDF of shard 0 answered with an empty snapshot, though it has state
            """)
    void aUdfThatMisbehaves(String how, String text) throws Exception {
        String failure = failure(fake(how), "none");
        assertTrue(failure.contains(text), failure);
    }

    /** A server that is stopped hangs: it is killed, another one goes on, and nothing is lost. */
    @Test
    void aServerThatHangs() throws Exception {
        Scenario scenario = Scenario.ALL.get(0);
        StreamExecutionEnvironment env = TestCluster.environment(folder.resolve("checkpoints"), "hashmap", 2);
        scenario.step("moving_avg")
                .timeout(Duration.ofSeconds(1))
                .apply(Scenario.source(env, "hang"), LineProtocol.reader(), LineProtocol.writer())
                .sinkTo(Scenario.sink(folder.resolve("out")));
        JobID job = TestCluster.submit(env, null);
        Committed.await(folder.resolve("out"), 100);
        ProcessHandle server =
                Programs.servers(ProcessHandle.current(), Programs.example("moving_avg")).get(0);
        Programs.signal("STOP", server);
        server.onExit().get(TestCluster.PATIENCE, TimeUnit.SECONDS);
        Gate.open();
        TestCluster.finish(job);
        Lines.assertSame("moving_avg", scenario.expected(), Lines.comparable(Committed.lines(folder.resolve("out"))));
    }

    private static KapacitorUdf fake(String how) {
        List<String> command = FakeUdf.command(how);
        return KapacitorUdf.program(command.get(0), command.subList(1, command.size()).toArray(new String[0]))
                .name("fake")
                .shards(1)
                .timeout(Duration.ofMillis(how.equals("hang") ? 500 : 20_000));
    }

    private void build(StreamExecutionEnvironment env, KapacitorUdf udf) {
        udf.apply(Scenario.source(env, "faults"), LineProtocol.reader(), LineProtocol.writer())
                .sinkTo(Scenario.sink(folder.resolve("out")))
                .uid("sink");
    }

    private String failure(KapacitorUdf udf, String restarts) throws Exception {
        var configuration = TestCluster.configuration(folder.resolve("checkpoints"), "hashmap");
        if (restarts.equals("none")) {
            configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        build(env, udf);
        return TestCluster.failure(TestCluster.submit(env, null));
    }
}
