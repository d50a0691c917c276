package kapacitor.udf.flink;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Brings the lines of a UDF's log into the task manager's, each with its level. */
final class UdfLog {
    private static final List<Level> LEVELS = List.of(Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG, Level.TRACE);
    /** Characters of a line that are kept. */
    private static final int LONGEST = 16 * 1024;

    private UdfLog() {}

    /** The logger of a UDF's own lines. */
    static Logger of(String name) {
        return LoggerFactory.getLogger("kapacitor.udf." + name.replace('.', '_'));
    }

    /** Reads a process's log to its end, in a thread. */
    static void follow(UdfSettings settings, Process process, InputStream lines) {
        Logger log = of(settings.name());
        Thread thread =
                new Thread(() -> follow(log, lines), "udf-log-" + settings.name() + "-" + process.pid());
        thread.setDaemon(true);
        thread.start();
    }

    private static void follow(Logger log, InputStream lines) {
        Level level = Level.INFO;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(lines, StandardCharsets.UTF_8))) {
            for (String line = line(reader); line != null; line = line(reader)) {
                level = level(line, level);
                log(log, level, withoutLevel(line, level));
            }
        } catch (IOException error) {
            log.debug("the UDF's log has ended: {}", error.toString());
        }
    }

    /** The level that a line begins with; one that is indented belongs to the line before it. */
    static Level level(String line, Level before) {
        if (line.startsWith("    ")) {
            return before;
        }
        for (Level level : LEVELS) {
            if (line.startsWith(level.name() + " ")) {
                return level;
            }
        }
        return Level.INFO;
    }

    private static String withoutLevel(String line, Level level) {
        String prefix = level.name() + " ";
        return line.startsWith(prefix) ? line.substring(prefix.length()) : line;
    }

    private static void log(Logger log, Level level, String line) {
        switch (level) {
            case ERROR -> log.error(line);
            case WARN -> log.warn(line);
            case INFO -> log.info(line);
            case DEBUG -> log.debug(line);
            case TRACE -> log.trace(line);
        }
    }

    /** The next line, cut where it is longer than can be of use. */
    private static String line(BufferedReader reader) throws IOException {
        StringBuilder line = new StringBuilder();
        int next;
        while ((next = reader.read()) >= 0) {
            if (next == '\n') {
                return line.toString();
            }
            if (line.length() < LONGEST) {
                line.append((char) next);
            }
        }
        return line.isEmpty() ? null : line.toString();
    }
}
