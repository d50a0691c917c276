package kapacitor.udf.flink;

import agent.Udf.ErrorResponse;
import agent.Udf.InfoRequest;
import agent.Udf.InfoResponse;
import agent.Udf.InitRequest;
import agent.Udf.KeepaliveRequest;
import agent.Udf.Request;
import agent.Udf.Response;
import agent.Udf.Response.MessageCase;
import agent.Udf.RestoreRequest;
import agent.Udf.SnapshotRequest;
import com.google.protobuf.ByteString;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The UDF of one shard: what goes to it, gathered, and what comes from it, in its order.
 *
 * <p>The task's thread calls all methods but {@link #watch}. A thread of the session reads what the UDF
 * sends at all times, so that a UDF which cannot write never keeps the task from writing.
 */
final class Session implements Closeable {
    /** Bytes of input after which they are written. */
    private static final int GATHER = 64 * 1024;
    /** Milliseconds to wait for the UDF's own words after its connection has broken. */
    private static final int LAST_WORDS = 2000;

    private final int shard;
    private final Connection connection;
    private final Duration timeout;
    private final Runnable onArrival;
    private final Thread reader;

    private final Bytes gathered = new Bytes();
    private final ArrayDeque<Object> arrived = new ArrayDeque<>();

    /** Bytes that have arrived and wait to be emitted. */
    private volatile long waitingBytes;
    /** Answers that the UDF owes. */
    private volatile int owed;
    private volatile boolean writing;
    /** How long the UDF was waited for to take its input. */
    private volatile long waitedNanos;
    /** When the UDF was last heard, or when it began to owe something; of {@link System#nanoTime}. */
    private volatile long heard = System.nanoTime();
    private volatile String verdict;
    private volatile boolean inputEnded;

    /** The end of the output; the text says why, where it came before its time. */
    record Ended(String reason) {}

    /**
     * @param onArrival called by the session's own thread when something has come after a moment in
     *     which nothing was there
     */
    Session(UdfSettings settings, int shard, Connection connection, Runnable onArrival) {
        this.shard = shard;
        this.connection = connection;
        this.onArrival = onArrival;
        timeout = settings.timeout();
        reader = new Thread(this::read, "udf-" + settings.name() + "-shard-" + shard);
        reader.setDaemon(true);
        reader.start();
    }

    int shard() {
        return shard;
    }

    // To the UDF

    /** Adds a frame to what is written next. */
    void send(byte[] frame) throws IOException {
        gathered.put(frame);
        if (gathered.length >= GATHER) {
            flush();
        }
    }

    /** Writes what has gathered; waits while the UDF does not take it. */
    void flush() throws IOException {
        if (gathered.length == 0) {
            return;
        }
        long began = System.nanoTime();
        heard = began;
        writing = true;
        try {
            connection.write(gathered.array, gathered.length);
            gathered.clear();
        } catch (IOException error) {
            throw broken(error);
        } finally {
            writing = false;
            waitedNanos += System.nanoTime() - began;
        }
    }

    private void ask(Request.Builder request) throws IOException {
        if (owed == 0) {
            heard = System.nanoTime();
        }
        // Only the task's thread counts up, and an answer cannot come before its question.
        synchronized (arrived) {
            owed++;
        }
        send(Frames.of(request.build()));
    }

    InfoResponse info() throws IOException {
        ask(Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()));
        return answer(MessageCase.INFO).getInfo();
    }

    /**
     * Hands the options over.
     *
     * @throws UdfException.Refused with the UDF's own text, where it refuses them
     */
    void init(InitRequest init) throws IOException {
        ask(Request.newBuilder().setInit(init));
        var answer = answer(MessageCase.INIT).getInit();
        if (!answer.getSuccess()) {
            throw new UdfException.Refused("the UDF refuses its options: " + answer.getError());
        }
    }

    /**
     * Hands a snapshot back.
     *
     * @throws UdfException.Refused with the UDF's own text, where it refuses it
     */
    void restore(byte[] snapshot) throws IOException {
        ask(Request.newBuilder().setRestore(RestoreRequest.newBuilder().setSnapshot(ByteString.copyFrom(snapshot))));
        var answer = answer(MessageCase.RESTORE).getRestore();
        if (!answer.getSuccess()) {
            throw new UdfException.Refused("the UDF refuses the state of shard " + shard + ": " + answer.getError());
        }
    }

    /** Asks for a snapshot: its answer comes after all output of the input before it. */
    void askSnapshot() throws IOException {
        ask(Request.newBuilder().setSnapshot(SnapshotRequest.getDefaultInstance()));
        flush();
    }

    /** A snapshot while no data flows. */
    byte[] snapshot() throws IOException {
        askSnapshot();
        return answer(MessageCase.SNAPSHOT).getSnapshot().getSnapshot().toByteArray();
    }

    /** Asks for a sign of life, which comes back with the number after all output of the input before it. */
    void keepalive(long number) throws IOException {
        ask(Request.newBuilder().setKeepalive(KeepaliveRequest.newBuilder().setTime(number)));
        flush();
    }

    /** Says that no more input comes. The UDF owes the end of its output then. */
    void endInput() throws IOException {
        flush();
        heard = System.nanoTime();
        inputEnded = true;
        synchronized (arrived) {
            owed++;
        }
        try {
            connection.endInput();
        } catch (IOException error) {
            throw broken(error);
        }
    }

    boolean owesNothing() {
        return owed == 0;
    }

    // From the UDF

    /**
     * The next thing that has come: a {@code byte[]} of data, a {@link Response}, or {@link Ended}; null
     * where nothing waits.
     */
    Object poll() {
        synchronized (arrived) {
            Object next = arrived.poll();
            if (next instanceof byte[] data) {
                waitingBytes -= data.length;
            }
            return next;
        }
    }

    /** Like {@link #poll}, and waits. After {@link Ended} nothing comes. */
    Object take() throws IOException {
        synchronized (arrived) {
            while (arrived.isEmpty()) {
                try {
                    arrived.wait();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    throw new UdfException("interrupted while the UDF was waited for", stop);
                }
            }
            return poll();
        }
    }

    long waitingBytes() {
        return waitingBytes;
    }

    long waitedNanos() {
        return waitedNanos;
    }

    /** The answer to a question that is asked before data flows. */
    private Response answer(MessageCase wanted) throws IOException {
        flush();
        while (true) {
            Object next = take();
            if (next instanceof Response response) {
                if (response.getMessageCase() == wanted) {
                    return response;
                }
                if (response.hasError()) {
                    throw failed(response.getError());
                }
            } else if (next instanceof Ended ended) {
                throw new UdfException(ended.reason());
            } else {
                throw new UdfException("the UDF sent data before any came to it");
            }
        }
    }

    UdfException failed(ErrorResponse error) {
        return new UdfException("the UDF of shard " + shard + " has failed: " + error.getError());
    }

    /** Why a write has failed: in the UDF's own words, if it has left any. */
    private IOException broken(IOException error) {
        if (Thread.currentThread().isInterrupted()) {
            return error;
        }
        try {
            reader.join(LAST_WORDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return error;
        }
        for (Object next = poll(); next != null; next = poll()) {
            if (next instanceof Response response && response.hasError()) {
                return failed(response.getError());
            }
            if (next instanceof Ended ended && ended.reason() != null) {
                return new UdfException(ended.reason(), error);
            }
        }
        return error;
    }

    // The reader's thread

    private void read() {
        FrameReader frames = new FrameReader(connection);
        String reason = null;
        try {
            for (List<Object> some = frames.next(); some != null; some = frames.next()) {
                heard = System.nanoTime();
                arrive(some);
            }
            if (!inputEnded) {
                reason = "the UDF of shard " + shard + " has closed its output before the end of its input"
                        + connection.fate();
            }
        } catch (IOException error) {
            reason = "the UDF of shard " + shard + " cannot be read: " + error.getMessage() + connection.fate();
        }
        arrive(List.of(new Ended(verdict != null ? verdict : reason)));
    }

    private void arrive(List<Object> some) {
        boolean first;
        synchronized (arrived) {
            first = arrived.isEmpty();
            for (Object one : some) {
                arrived.add(one);
                if (one instanceof byte[] data) {
                    waitingBytes += data.length;
                } else if (one instanceof Ended || isAnswer((Response) one)) {
                    owed = Math.max(0, owed - 1);
                }
            }
            arrived.notifyAll();
        }
        if (first) {
            onArrival.run();
        }
    }

    /** Whether a response was asked for: a UDF that is busy sends signs of life by itself. */
    private static boolean isAnswer(Response response) {
        return !response.hasKeepalive() || response.getKeepalive().getTime() <= 0;
    }

    // The watch's thread

    /** Gives the UDF up where it is silent for longer than it may be, while it owes something. */
    void watch() {
        boolean waits = writing || owed > 0;
        if (verdict == null && waits && System.nanoTime() - heard > timeout.toNanos()) {
            String why = "it has not answered for " + timeout.toMillis() + " ms, its timeout, and was ended";
            verdict = "the UDF of shard " + shard + " hangs: " + why;
            connection.kill(why);
            connection.close();
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
