package kapacitor.udf.flink;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The UDFs' processes. None outlives an orderly end of this JVM. */
final class Processes {
    /** Seconds that a process has to end after it was asked to. */
    private static final int PATIENCE = 5;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(Processes::kill), "udf-processes"));
    }

    private Processes() {}

    static Process start(UdfSettings settings, List<String> command, boolean mergeErrors) throws UdfException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(mergeErrors);
        builder.environment().putAll(settings.environment());
        try {
            Process process = builder.start();
            RUNNING.add(process);
            process.onExit().thenAccept(RUNNING::remove);
            return process;
        } catch (IOException error) {
            throw new UdfException.Refused(
                    "the program " + settings.program() + " cannot be started: " + reason(error), error);
        }
    }

    /** The system's own words, without the JDK's around them. */
    private static String reason(IOException error) {
        String text = String.valueOf(error.getMessage());
        int at = text.lastIndexOf("error=");
        int comma = text.indexOf(", ", at);
        return at < 0 || comma < 0 ? text : text.substring(comma + 2);
    }

    /** Ends a process: by the end of its input, by SIGTERM, and by SIGKILL when neither has helped. */
    static void end(Process process) {
        closeInput(process);
        process.toHandle().destroy();
        boolean interrupted = false;
        try {
            if (process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException stop) {
            interrupted = true;
        }
        kill(process);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends a process by SIGKILL. By its handle: {@link Process} would close the streams under their readers. */
    static void kill(Process process) {
        process.toHandle().destroyForcibly();
    }

    private static void closeInput(Process process) {
        try (OutputStream input = process.getOutputStream()) {
            input.flush();
        } catch (IOException ignored) {
            // It is closed already, or the process has ended.
        }
    }

    /** What has become of a process, for a message. */
    static String fate(Process process) {
        try {
            // The end of its output may be seen before the end of the process.
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                return "";
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return "";
        }
        int code = process.exitValue();
        return code > 128
                ? "; its process was ended by signal " + (code - 128)
                : "; its process has ended with exit code " + code;
    }
}
