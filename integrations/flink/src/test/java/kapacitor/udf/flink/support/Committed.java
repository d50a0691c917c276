package kapacitor.udf.flink.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What a file sink has committed: files in progress are hidden. */
public final class Committed {
    private Committed() {}

    public static List<String> lines(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return lines;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> !path.getFileName().toString().startsWith(".")).toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        } catch (NoSuchFileException moved) {
            // A file was committed meanwhile; the next look sees it.
        }
        return lines;
    }

    /** Waits until so many lines are committed. */
    public static void await(Path folder, long lines) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestCluster.PATIENCE);
        while (lines(folder).size() < lines) {
            if (System.nanoTime() > end) {
                throw new AssertionError(lines + " committed lines did not come; there are " + lines(folder).size());
            }
            Thread.sleep(50);
        }
    }
}
