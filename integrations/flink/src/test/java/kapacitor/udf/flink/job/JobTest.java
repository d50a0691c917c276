package kapacitor.udf.flink.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import kapacitor.udf.flink.support.Broker;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ready job, from files to files and from Kafka to Kafka. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JobTest {
    @TempDir Path folder;

    @AfterEach
    void endJobs() throws Exception {
        TestCluster.cancelAll();
    }

    private JobID submit(int parallelism, String... arguments) throws Exception {
        JobArguments parsed = JobArguments.parse(arguments);
        Places.check(parsed);
        StreamExecutionEnvironment env =
                TestCluster.environment(folder.resolve("checkpoints"), "hashmap", parallelism);
        Job.build(env, parsed);
        return TestCluster.submit(env, null);
    }

    @Test
    void filesToFiles() throws Exception {
        Path in = Files.createDirectory(folder.resolve("in"));
        Files.write(in.resolve("points.lp"), LongStream.range(0, Scenario.POINTS).mapToObj(Scenario::line).toList());
        Scenario scenario = Scenario.ALL.get(3);
        TestCluster.finish(submit(
                2,
                "--udf", Programs.example(scenario.udf()),
                "--options", scenario.options(),
                "--group-by", "host",
                "--period", "20s",
                "--from", "files:" + in,
                "--to", "files:" + folder.resolve("out")));
        Lines.assertSame("the job", scenario.expected(), Lines.comparable(Committed.lines(folder.resolve("out"))));
    }

    @Test
    void kafkaToKafka() throws Exception {
        Scenario scenario = Scenario.ALL.get(0);
        try (Broker broker = new Broker(folder)) {
            broker.create("points", 4);
            broker.create("averages", 4);
            broker.write("points", 0, Scenario.POINTS / 2);
            JobID job = submit(
                    2,
                    "--udf", Programs.example(scenario.udf()),
                    "--options", scenario.options(),
                    "--group-by", "host",
                    "--brokers", broker.address(),
                    "--from", "kafka:points",
                    "--to", "kafka:averages");
            await(broker, 1);
            Programs.servers(ProcessHandle.current(), Programs.example(scenario.udf()))
                    .forEach(ProcessHandle::destroyForcibly);
            broker.write("points", Scenario.POINTS / 2, Scenario.POINTS);
            await(broker, Scenario.POINTS);
            TestCluster.stop(job, folder.resolve("savepoints"), false);

            var records = broker.committed("averages");
            List<String> lines = new ArrayList<>();
            Map<String, Integer> partitions = new HashMap<>();
            records.forEach(record -> {
                lines.add(record.value());
                Integer before = partitions.put(record.key(), record.partition());
                assertTrue(before == null || before == record.partition(), "a group stays in its partition");
            });
            Lines.assertSame("the job", scenario.expected(), Lines.comparable(lines));
            assertEquals(50, partitions.size());
        }
    }

    private static void await(Broker broker, int records) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestCluster.PATIENCE);
        while (broker.committed("averages").size() < records) {
            assertTrue(System.nanoTime() < end, "the records did not come");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --from files:/tmp --to files:/tmp/x                           | --udf is missing
            --udf u --from files:/tmp                                     | --to is missing
            --udf u --from /tmp --to files:/tmp/x                         | --from: expected kafka:TOPIC or files:DIR, found /tmp
            --udf u --from kafka:t --to files:/tmp/x                      | --brokers: expected HOST:PORT of Kafka, since a topic is named
            --udf u --from files:/tmp --to files:/tmp/x --option .size(1) | unknown argument --option
            --udf u --from files:/tmp --to files:/tmp/x --options size(1) | --options: options, column 1: expected a call, as .size(10), found 'size(1)'
            --udf u --from files:/tmp --to files:/tmp/x --period 20       | --period: expected a duration, as 90s or 1h30m (w, d, h, m, s, ms, u), found '20'
            --udf u --from files:/tmp --to files:/tmp/x --shards 0        | --shards: expected a number from 1 to 32768, found 0
            --udf u --from files:/tmp --to files:/tmp/x --group-by a,*    | --group-by: expected TAG,TAG,... or '*' alone, found a,*
            --udf u --from files:/tmp --to files:/tmp/x --precision h     | --precision: expected ns, us, ms or s, found h
            --udf u --from files:/tmp --to files:/tmp/x --bounded         | --bounded is for a topic, and --from names files, which end by themselves
            --udf u --udf v                                               | --udf is given twice
            --udf                                                         | --udf: expected a value, found the end
            --udf u --from files:/no/such --to files:/tmp/x               | --from: /no/such does not exist
            """)
    void wrongArguments(String arguments, String message) {
        var wrong = assertThrows(IllegalArgumentException.class, () -> Job.main(arguments.split(" ")));
        assertEquals(message, wrong.getMessage());
    }

    @Test
    void aTopicThatDoesNotExist() throws Exception {
        try (Broker broker = new Broker(folder)) {
            String[] arguments = {
                "--udf", "u", "--brokers", broker.address(), "--from", "kafka:nothing", "--to", "files:/tmp/x"
            };
            var wrong = assertThrows(IllegalArgumentException.class, () -> Job.main(arguments));
            assertEquals("--from: the topic nothing does not exist at " + broker.address(), wrong.getMessage());
        }
    }
}
