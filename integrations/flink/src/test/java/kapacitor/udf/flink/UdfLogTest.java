package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import kapacitor.udf.flink.support.FakeUdf;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

/** Each line of a UDF's log has its level. */
class UdfLogTest {
    /** Keeps what is logged, as the task manager's log would show it. */
    private static final class Kept extends AbstractAppender {
        final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

        Kept() {
            super("kept", null, null, true, Property.EMPTY_ARRAY);
            start();
        }

        @Override
        public void append(LogEvent event) {
            lines.add(event.getLevel() + " " + event.getLoggerName() + ": " + event.getMessage().getFormattedMessage());
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void theTaskManagersLogHasTheLines(@TempDir Path folder) throws Exception {
        Kept kept = new Kept();
        Logger log = (Logger) LogManager.getLogger("kapacitor.udf.talking");
        log.addAppender(kept);
        try {
            StreamExecutionEnvironment env = TestCluster.environment(folder, "hashmap", 1);
            List<String> command = FakeUdf.command("log");
            KapacitorUdf.program(command.get(0), command.subList(1, command.size()).toArray(new String[0]))
                    .name("talking")
                    .shards(1)
                    .apply(env.fromData("m value=1 1"), LineProtocol.reader(), LineProtocol.writer())
                    .sinkTo(new DiscardingSink<>());
            TestCluster.finish(TestCluster.submit(env, null));
            List<String> expected = List.of(
                    "WARN kapacitor.udf.talking: fake: a warning",
                    "WARN kapacitor.udf.talking:     of two lines",
                    "DEBUG kapacitor.udf.talking: fake: a detail",
                    "INFO kapacitor.udf.talking: a print");
            List<String> found = new ArrayList<>();
            while (found.size() < expected.size()) {
                String line = kept.lines.poll(TestCluster.PATIENCE, TimeUnit.SECONDS);
                // The SDK logs as well, such as the end of the process.
                if (line == null || expected.contains(line)) {
                    found.add(line);
                }
            }
            assertEquals(expected, found);
        } finally {
            log.removeAppender(kept);
        }
    }

    @Test
    void levels() {
        assertEquals(Level.ERROR, UdfLog.level("ERROR my_udf: it is broken", Level.INFO));
        assertEquals(Level.DEBUG, UdfLog.level("DEBUG my_udf: details", Level.INFO));
        assertEquals(Level.ERROR, UdfLog.level("    the second line of it", Level.ERROR));
        assertEquals(Level.INFO, UdfLog.level("a print", Level.ERROR));
        assertEquals(Level.INFO, UdfLog.level("ERRORS are none", Level.INFO));
    }
}
