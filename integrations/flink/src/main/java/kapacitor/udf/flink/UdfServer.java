package kapacitor.udf.flink;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The one process of a UDF in this JVM: a server on a Unix socket, with a connection for each shard.
 *
 * <p>The first who needs it starts it, and the last who lets it go ends it. A server that has died is
 * replaced by the next who needs one.
 */
final class UdfServer {
    /** Seconds that a program has to answer {@code --help}, or to listen. */
    private static final int START = 10;

    /** All that make a server another one. */
    private record Key(List<String> command, Map<String, String> environment, String name) {}

    private static final Map<Key, UdfServer> SERVERS = new HashMap<>();
    private static final Map<Key, Integer> STARTS = new HashMap<>();

    private final Key key;
    private final Process process;
    private final Path folder;
    private final Path socket;
    private int users;
    /** Why it was killed, if it was. */
    private volatile String killed;

    private UdfServer(UdfSettings settings, Key key, boolean endsWithItsInput) throws IOException {
        this.key = key;
        folder = Files.createTempDirectory("udf");
        socket = folder.resolve("socket");
        List<String> command = settings.commandWith("--socket", socket.toString());
        if (endsWithItsInput) {
            command.add("--until-stdin-closes");
        }
        try {
            process = Processes.start(settings, command, true);
        } catch (UdfException error) {
            Files.deleteIfExists(folder);
            throw error;
        }
        UdfLog.follow(settings, process, process.getInputStream());
    }

    /**
     * The server of a UDF, which its caller has to {@linkplain #release release}; null where the program
     * says nothing of {@code --socket} in its help, and so is one that serves on its standard input and
     * output alone.
     */
    static UdfServer acquire(UdfSettings settings) throws IOException {
        Key key = new Key(settings.command(), settings.environment(), settings.name());
        synchronized (SERVERS) {
            UdfServer server = SERVERS.get(key);
            if (server == null || !server.process.isAlive()) {
                String help = help(settings);
                if (!help.contains("--socket")) {
                    return null;
                }
                server = new UdfServer(settings, key, help.contains("--until-stdin-closes"));
                SERVERS.put(key, server);
                STARTS.merge(key, 1, Integer::sum);
            }
            server.users++;
            return server;
        }
    }

    /** How often the server was started again in this JVM. */
    static int restarts(UdfSettings settings) {
        synchronized (SERVERS) {
            Key key = new Key(settings.command(), settings.environment(), settings.name());
            return Math.max(0, STARTS.getOrDefault(key, 0) - 1);
        }
    }

    private static String help(UdfSettings settings) throws IOException {
        Process process = Processes.start(settings, settings.commandWith("--help"), true);
        // A program that knows no such argument serves on its standard input, and ends with it.
        process.getOutputStream().close();
        process.onExit()
                .orTimeout(START, TimeUnit.SECONDS)
                .whenComplete((exited, late) -> {
                    if (late != null) {
                        Processes.kill(process);
                    }
                });
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    SocketChannel connect() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START);
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (IOException notYet) {
                channel.close();
                if (!process.isAlive()) {
                    throw new UdfException("the UDF's server cannot be reached" + fate() + "; its log says why");
                }
                if (System.nanoTime() > end) {
                    throw new UdfException(
                            "the UDF's server does not listen on " + socket + " after " + START + " s", notYet);
                }
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new UdfException("interrupted", stop);
            }
        }
    }

    String fate() {
        String why = killed;
        return why == null ? Processes.fate(process) : "; " + why;
    }

    void kill(String why) {
        killed = why;
        Processes.kill(process);
    }

    void release() {
        synchronized (SERVERS) {
            if (--users > 0) {
                return;
            }
            SERVERS.remove(key, this);
        }
        Processes.end(process);
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            UdfLog.of(key.name()).warn("{} stays behind: {}", folder, left.toString());
        }
    }
}
