package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.Gate;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole JVM, job manager and task manager, is killed; another one goes on from its last checkpoint. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JvmKillTest {
    @TempDir Path folder;

    /** The JVM: runs all scenarios, from a checkpoint if there is an argument for it. */
    public static final class Main {
        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            Configuration configuration = TestCluster.configuration(folder.resolve("checkpoints"), "hashmap");
            if (arguments.length > 1) {
                configuration.setString("execution.state-recovery.path", arguments[1]);
                Gate.open();
            }
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
            for (Scenario scenario : Scenario.ALL) {
                scenario.build(env, folder, scenario.udf(), false);
            }
            env.execute();
        }
    }

    @Test
    void anotherJvmGoesOnFromTheLastCheckpoint() throws Exception {
        Process jvm = start();
        try {
            for (Scenario scenario : Scenario.ALL) {
                Committed.await(scenario.output(folder), scenario.expected().size() / 5);
            }
            List<ProcessHandle> servers = jvm.toHandle().descendants().toList();
            assertEquals(Scenario.ALL.size(), servers.size(), "a server for each UDF");
            jvm.destroyForcibly().waitFor();
            assertTrue(Committed.lines(Scenario.ALL.get(0).output(folder)).size() < Scenario.POINTS);
            // Each ends when its input does, which the JVM held open.
            for (ProcessHandle server : servers) {
                server.onExit().get(TestCluster.PATIENCE, TimeUnit.SECONDS);
            }
        } finally {
            jvm.destroyForcibly();
        }
        Process second = start(TestCluster.latestCheckpoint(folder.resolve("checkpoints")));
        try {
            assertTrue(second.waitFor(TestCluster.PATIENCE, TimeUnit.SECONDS));
            assertEquals(0, second.exitValue(), "its log is target/jvm.log");
        } finally {
            second.destroyForcibly();
        }
        for (Scenario scenario : Scenario.ALL) {
            Lines.assertSame(
                    scenario.udf(), scenario.expected(), Lines.comparable(Committed.lines(scenario.output(folder))));
            assertEquals(List.of(), Programs.servers(second.toHandle(), Programs.example(scenario.udf())));
        }
    }

    private Process start(String... checkpoint) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dudf.programs=" + System.getProperty("udf.programs"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                folder.toString()));
        command.addAll(List.of(checkpoint));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File("target/jvm.log")))
                .start();
    }
}
