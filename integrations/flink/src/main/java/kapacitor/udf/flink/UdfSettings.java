package kapacitor.udf.flink;

import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the operator needs to know of its UDF.
 *
 * @param command the program and its arguments
 * @param environment variables that are added to the task manager's own
 * @param options calls in TICKscript's notation: {@code .field('usage_user').size(10)}
 * @param name what the UDF is called in metrics, in the log and as the node of its {@code Init}
 * @param shards sessions that the groups are spread over
 * @param timeout how long the UDF may be silent while it owes an answer
 * @param period the points' own time that a batch spans; null where a batch ends with the input
 */
record UdfSettings(
        List<String> command,
        Map<String, String> environment,
        String options,
        String name,
        int shards,
        Duration timeout,
        Duration period)
        implements Serializable {

    UdfSettings {
        // Lists and maps of the JDK that cannot be changed are serializable.
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    String program() {
        return command.get(0);
    }

    /** The command with more arguments. */
    List<String> commandWith(String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return all;
    }

    /** The file's name of a program. */
    static String nameOf(String program) {
        Path file = Path.of(program).getFileName();
        return file == null ? program : file.toString();
    }
}
