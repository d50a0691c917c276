package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.Gate;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails, the committed output of all four pairs of edges is that of one {@code pipe} run. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ExactlyOnceTest {
    @TempDir Path folder;

    @BeforeEach
    void closeTheGate() {
        Gate.close();
    }

    @AfterEach
    void endJobs() throws Exception {
        TestCluster.cancelAll();
    }

    @Test
    void exceptionsAndKillsOfTheUdf() throws Exception {
        long seed = System.nanoTime();
        System.out.println("the moments of the kills: seed " + seed);
        Random random = new Random(seed);
        JobID job = submit("hashmap", 2, null, true);
        // One UDF after the other, each when so many of its lines are committed.
        for (int kill = 0; kill < 2; kill++) {
            for (Scenario scenario : Scenario.ALL) {
                int lines = scenario.expected().size() / 6;
                Committed.await(scenario.output(folder), (long) lines * (1 + kill) + random.nextInt(lines));
                List<ProcessHandle> servers =
                        Programs.servers(ProcessHandle.current(), Programs.example(scenario.udf()));
                servers.forEach(ProcessHandle::destroyForcibly);
            }
        }
        Gate.open();
        TestCluster.finish(job);
        assertSame();
        assertNoServers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void savepointsWithOtherParallelism(String backend) throws Exception {
        JobID job = submit(backend, 1, null, false);
        awaitMore();
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);
        job = submit(backend, 2, savepoint, false);
        awaitMore();
        savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);
        job = submit(backend, 1, savepoint, false);
        Gate.open();
        TestCluster.finish(job);
        assertSame();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void retainedCheckpointsWithOtherParallelism(String backend) throws Exception {
        JobID job = submit(backend, 1, null, false);
        awaitMore();
        TestCluster.cancel(job);
        job = submit(backend, 2, TestCluster.latestCheckpoint(folder.resolve("checkpoints")), false);
        awaitMore();
        TestCluster.cancel(job);
        job = submit(backend, 1, TestCluster.latestCheckpoint(folder.resolve("checkpoints")), false);
        Gate.open();
        TestCluster.finish(job);
        assertSame();
    }

    /** The control: with all the rest as it is, a UDF that is not restored gives something else. */
    @Test
    void withoutRestoreTheOutputDiffers() throws Exception {
        Scenario scenario = Scenario.ALL.get(0);
        StreamExecutionEnvironment env = environment("hashmap", 1);
        scenario.build(env, folder, "first", false);
        JobID job = TestCluster.submit(env, null);
        Committed.await(scenario.output(folder), scenario.expected().size() / 4);
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), false);

        env = environment("hashmap", 1);
        scenario.build(env, folder, "second", false);
        Gate.open();
        TestCluster.finish(TestCluster.submit(env, savepoint));
        List<String> found = Lines.comparable(Committed.lines(scenario.output(folder)));
        assertEquals(scenario.expected().size(), found.size());
        assertNotEquals(scenario.expected(), found);
    }

    /** A drain hands over what the UDF sends at its end: open episodes, and batches that are not full. */
    @Test
    void aDrainEndsTheUdf() throws Exception {
        StreamExecutionEnvironment env = environment("hashmap", 2);
        DataStream<String> source = Scenario.source(env, "all");
        // How far the source has come is in its own lines.
        source.sinkTo(Scenario.sink(folder.resolve("source"))).setParallelism(1);
        for (Scenario scenario : Scenario.ALL) {
            scenario.build(source, folder, scenario.udf(), false);
        }
        JobID job = TestCluster.submit(env, null);
        Committed.await(folder.resolve("source"), Scenario.POINTS / 4);
        String savepoint = TestCluster.stop(job, folder.resolve("savepoints"), true);
        int points = Committed.lines(folder.resolve("source")).size();
        assertTrue(points < Scenario.POINTS, "it was stopped before the end");
        assertSameAsOf(points);

        // A run from there in which nothing comes does not send the output of the end again.
        env = environment("hashmap", 1);
        source = Scenario.source(env, "other").filter(line -> false).setParallelism(1);
        for (Scenario scenario : Scenario.ALL) {
            scenario.build(source, folder, scenario.udf(), false);
        }
        Gate.open();
        TestCluster.finish(TestCluster.submit(env, savepoint));
        assertSameAsOf(points);

        // And one in which the rest comes goes on from the state before the end.
        env = environment("hashmap", 1);
        Scenario averages = Scenario.ALL.get(0);
        averages.build(Scenario.source(env, "all"), folder, averages.udf(), false);
        TestCluster.finish(TestCluster.submit(env, savepoint));
        Lines.assertSame(
                averages.udf(), averages.expected(), Lines.comparable(Committed.lines(averages.output(folder))));
        assertNoServers();
    }

    private void assertSameAsOf(int points) throws Exception {
        for (Scenario scenario : Scenario.ALL) {
            Lines.assertSame(
                    scenario.udf(),
                    scenario.expected(points),
                    Lines.comparable(Committed.lines(scenario.output(folder))));
        }
    }

    private StreamExecutionEnvironment environment(String backend, int parallelism) {
        return TestCluster.environment(folder.resolve("checkpoints"), backend, parallelism);
    }

    private JobID submit(String backend, int parallelism, String from, boolean failsOnce) throws Exception {
        StreamExecutionEnvironment env = environment(backend, parallelism);
        for (Scenario scenario : Scenario.ALL) {
            scenario.build(env, folder, scenario.udf(), failsOnce);
        }
        return TestCluster.submit(env, from);
    }

    /** Waits until more output of all is committed, while there is still more to come. */
    private void awaitMore() throws Exception {
        for (Scenario scenario : Scenario.ALL) {
            Committed.await(scenario.output(folder), Committed.lines(scenario.output(folder)).size() + 1);
        }
        assertTrue(Committed.lines(Scenario.ALL.get(0).output(folder)).size() < Scenario.POINTS);
    }

    private void assertSame() throws Exception {
        for (Scenario scenario : Scenario.ALL) {
            assertTrue(scenario.expected().size() > 100, "the oracle has something to say");
            Lines.assertSame(
                    scenario.udf(), scenario.expected(), Lines.comparable(Committed.lines(scenario.output(folder))));
        }
    }

    private static void assertNoServers() {
        for (Scenario scenario : Scenario.ALL) {
            assertEquals(
                    List.of(), Programs.servers(ProcessHandle.current(), Programs.example(scenario.udf())));
        }
    }
}
