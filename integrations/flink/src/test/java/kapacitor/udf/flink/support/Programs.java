package kapacitor.udf.flink.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The UDFs' programs, and those of them that run. */
public final class Programs {
    private Programs() {}

    /** An example of the SDK, as run.sh builds it. */
    public static String example(String name) {
        return found(Path.of(System.getProperty("udf.programs", "../../target/release/examples"), name));
    }

    /** An example of the official Go agent. */
    public static String goExample(String name) {
        return found(Path.of(System.getProperty("go.programs", ""), name));
    }

    private static String found(Path program) {
        if (!Files.isExecutable(program)) {
            throw new AssertionError(program.toAbsolutePath() + " is missing; integrations/flink/run.sh builds it");
        }
        return program.toAbsolutePath().normalize().toString();
    }

    /** The oracle: what the program's own {@code pipe} makes of the lines, as comparable texts. */
    public static List<String> pipe(String program, List<String> lines, String... arguments) throws Exception {
        Path input = Files.createTempFile("pipe", ".lp");
        try {
            Files.write(input, lines);
            List<String> command = new ArrayList<>(List.of(program, "pipe", input.toString(), "--strict"));
            command.addAll(Arrays.asList(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectInput(new java.io.File("/dev/null"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + " has failed");
            }
            return Lines.comparable(output.lines().toList());
        } finally {
            Files.delete(input);
        }
    }

    /** The servers of a program that run as children of a process, or of its children. */
    public static List<ProcessHandle> servers(ProcessHandle of, String program) {
        return of.descendants().filter(child -> isServer(child, program)).toList();
    }

    /** All that run on this machine, also those whose parent is gone. */
    public static List<ProcessHandle> allServers(String program) {
        return ProcessHandle.allProcesses().filter(process -> isServer(process, program)).toList();
    }

    private static boolean isServer(ProcessHandle process, String program) {
        String[] arguments = process.info().arguments().orElse(new String[0]);
        return process.isAlive()
                && process.info().command().orElse("").equals(program)
                && List.of(arguments).contains("--socket");
    }

    /** Sends a signal, by its name. */
    public static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start().waitFor();
    }

    /** The example data of the SDK. */
    public static List<String> exampleData() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("../../examples/data"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".lp")).sorted().toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }
}
