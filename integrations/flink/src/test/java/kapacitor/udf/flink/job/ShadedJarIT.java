package kapacitor.udf.flink.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import kapacitor.udf.flink.support.Committed;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.Scenario;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shaded jar, by Flink's own command line, with nothing beside it but what an installation has. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ShadedJarIT {
    @TempDir Path folder;

    private record Ended(int code, String output) {}

    private Ended flinkRun(String... arguments) throws Exception {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("config.yaml"), "parallelism.default: 2\n");
        // Not our own classes, and not what the jar has to bring along.
        String installation = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .filter(entry -> !entry.contains("kafka") && !entry.contains("protobuf") && !entry.contains("connector-base"))
                .filter(entry -> !entry.contains("kapacitor"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp", installation,
                "org.apache.flink.client.cli.CliFrontend",
                "run", "-t", "local", System.getProperty("job.jar")));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("FLINK_CONF_DIR", conf.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    @Test
    void runs() throws Exception {
        Path in = Files.createDirectory(folder.resolve("in"));
        Files.write(in.resolve("points.lp"), LongStream.range(0, Scenario.POINTS).mapToObj(Scenario::line).toList());
        Scenario scenario = Scenario.ALL.get(0);
        Ended ended = flinkRun(
                "--udf", Programs.example(scenario.udf()),
                "--options", scenario.options(),
                "--group-by", "host",
                "--from", "files:" + in,
                "--to", "files:" + folder.resolve("out"));
        assertEquals(0, ended.code(), ended.output());
        Lines.assertSame("the job", scenario.expected(), Lines.comparable(Committed.lines(folder.resolve("out"))));
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        Ended ended = flinkRun("--udf", "u", "--from", "files:/no/such", "--to", "files:/tmp/x");
        assertEquals(1, ended.code());
        assertTrue(ended.output().contains("error: --from: /no/such does not exist\nhelp: "), ended.output());
        // Kafka's client is in the jar.
        ended = flinkRun("--udf", "u", "--brokers", "no.such.host.invalid:9092", "--from", "kafka:t", "--to", "files:/tmp/x");
        assertTrue(ended.output().contains("error: --brokers: no.such.host.invalid:9092 cannot be used: "), ended.output());
    }
}
