package kapacitor.udf.flink;

import agent.Udf.Request;
import agent.Udf.Response;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of the protocol: a message with its length before it, as a varint.
 *
 * <p>A data message ({@code Begin}, {@code Point}, {@code End}) has the same bytes in a request and in
 * a response. A record of the operator's output is the frames of one point, or of one whole batch.
 */
final class Frames {
    /** First bytes of a data message: the keys of fields 16 to 18, each of two bytes. */
    static final int BEGIN = 0x82;
    static final int POINT = 0x8a;
    static final int END = 0x92;

    private Frames() {}

    static byte[] of(Request request) {
        byte[] message = request.toByteArray();
        Bytes frame = new Bytes();
        frame.varint(message.length);
        frame.put(message);
        return frame.toArray();
    }

    /** The messages of frames that lie one behind the other. */
    static List<Response> read(byte[] frames) {
        try {
            CodedInputStream input = CodedInputStream.newInstance(frames);
            List<Response> messages = new ArrayList<>(1);
            while (!input.isAtEnd()) {
                int limit = input.pushLimit(input.readRawVarint32());
                messages.add(Response.parseFrom(input));
                input.popLimit(limit);
            }
            return messages;
        } catch (IOException error) {
            throw new UncheckedIOException("the UDF sent a message that is not readable", error);
        }
    }

    /** The message of one frame. */
    static Request request(byte[] frame) throws IOException {
        CodedInputStream input = CodedInputStream.newInstance(frame);
        input.pushLimit(input.readRawVarint32());
        return Request.parseFrom(input);
    }

    /**
     * The time of a point, or the latest time of a batch, in nanoseconds since the epoch.
     *
     * @param frames one record of the operator's output
     */
    static long time(byte[] frames) throws IOException {
        CodedInputStream input = CodedInputStream.newInstance(frames);
        long time = 0;
        while (!input.isAtEnd()) {
            int frame = input.pushLimit(input.readRawVarint32());
            int kind = input.readTag() >>> 3;
            int message = input.pushLimit(input.readRawVarint32());
            int wanted = kind == 18 ? 3 : 1;
            if (kind == 16) {
                input.skipRawBytes(input.getBytesUntilLimit());
            }
            for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                if (tag == wanted << 3) {
                    // A later one of the same number wins.
                    time = input.readInt64();
                } else {
                    input.skipField(tag);
                }
            }
            input.popLimit(message);
            input.popLimit(frame);
        }
        return time;
    }
}
