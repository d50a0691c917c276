package kapacitor.udf.flink;

import agent.Udf.Response;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Splits a UDF's output into records of data, each a point or a whole batch, and other responses. */
final class FrameReader {
    /** Bytes of a message at most: the highest limit that the SDK can be given. */
    private static final int LONGEST = 1 << 30;

    private final Connection connection;
    private byte[] buffer = new byte[256 * 1024];
    private int start;
    private int end;
    /** The batch that is open, or null. */
    private Bytes batch;

    FrameReader(Connection connection) {
        this.connection = connection;
    }

    /** Everything that one read has completed; null at the end. */
    List<Object> next() throws IOException {
        List<Object> some = new ArrayList<>();
        while (some.isEmpty()) {
            if (!fill()) {
                return null;
            }
            split(some);
        }
        return some;
    }

    private boolean fill() throws IOException {
        if (start == end) {
            start = 0;
            end = 0;
        } else if (end == buffer.length) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
            if (end == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * buffer.length);
            }
        }
        int count = connection.read(buffer, end, buffer.length - end);
        if (count >= 0) {
            end += count;
            return true;
        }
        if (start < end) {
            throw new IOException("its output ends within a message");
        }
        return false;
    }

    private void split(List<Object> some) throws IOException {
        while (true) {
            int at = start;
            long length = 0;
            int shift = 0;
            while (true) {
                if (at == end) {
                    return;
                }
                byte next = buffer[at++];
                length |= (next & 0x7fL) << shift;
                shift += 7;
                if (next >= 0) {
                    break;
                }
                if (shift > 35) {
                    throw notAFrame();
                }
            }
            if (length <= 0 || length > LONGEST) {
                throw notAFrame();
            }
            if (end - at < length) {
                return;
            }
            int next = at + (int) length;
            frame(start, at, next, some);
            start = next;
        }
    }

    private static IOException notAFrame() {
        return new IOException("it sent something else than a message of the protocol (does it print to its stdout?)");
    }

    private void frame(int from, int message, int to, List<Object> some) throws IOException {
        switch (buffer[message] & 0xff) {
            case Frames.POINT -> {
                if (batch == null) {
                    some.add(Arrays.copyOfRange(buffer, from, to));
                } else {
                    batch.put(buffer, from, to - from);
                }
            }
            case Frames.BEGIN -> {
                batch = new Bytes();
                batch.put(buffer, from, to - from);
            }
            case Frames.END -> {
                if (batch == null) {
                    throw new IOException("it sent the end of a batch that was not begun");
                }
                batch.put(buffer, from, to - from);
                some.add(batch.toArray());
                batch = null;
            }
            default -> {
                Response response = response(ByteBuffer.wrap(buffer, message, to - message));
                if (response.hasSnapshot() && batch != null) {
                    throw new IOException("it answered a snapshot within a batch");
                }
                some.add(response);
            }
        }
    }

    private static Response response(ByteBuffer message) throws IOException {
        try {
            Response response = Response.parseFrom(message);
            if (response.getMessageCase() != Response.MessageCase.MESSAGE_NOT_SET) {
                return response;
            }
        } catch (InvalidProtocolBufferException none) {
            // It is said below.
        }
        throw notAFrame();
    }
}
