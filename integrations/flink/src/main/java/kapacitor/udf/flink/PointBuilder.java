package kapacitor.udf.flink;

import java.util.Arrays;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.util.Collector;

/**
 * Takes a point in parts and sends it on as a message of the protocol.
 *
 * <pre>{@code
 * points.name("cpu").tag("host", "a").field("usage_user", 12.5).time(1_700_000_000_000_000_000L).send();
 * }</pre>
 *
 * The group is spelt as Kapacitor spells it: {@code tag=value,tag=value}, in the order of the tags'
 * names; a point that lacks a tag has it empty.
 */
public final class PointBuilder {
    private final GroupBy groupBy;
    private final byte[][] dimensions;
    private final int shards;
    private Collector<Tuple2<Integer, byte[]>> out;

    private byte[] name = {};
    private long time;
    private byte[][] tags = new byte[16][];
    private int tagParts;
    private final Bytes fields = new Bytes();
    private final Bytes group = new Bytes();
    private final Bytes message = new Bytes();
    private final Bytes frame = new Bytes();

    PointBuilder(GroupBy groupBy, int shards) {
        this.groupBy = groupBy;
        this.shards = shards;
        dimensions =
                groupBy.tags() == null
                        ? null
                        : groupBy.tags().stream().map(Bytes::utf8).toArray(byte[][]::new);
    }

    void to(Collector<Tuple2<Integer, byte[]>> out) {
        this.out = out;
    }

    /** Begins a point: sets the measurement's name, and drops what was not sent. */
    public PointBuilder name(String name) {
        this.name = Bytes.utf8(name);
        time = 0;
        tagParts = 0;
        fields.clear();
        return this;
    }

    /** Sets the time, in nanoseconds since the epoch, UTC. */
    public PointBuilder time(long nanoseconds) {
        time = nanoseconds;
        return this;
    }

    /** Adds a tag. One without a value is the same as none. */
    public PointBuilder tag(String key, String value) {
        if (!value.isEmpty()) {
            if (tagParts == tags.length) {
                tags = Arrays.copyOf(tags, 2 * tags.length);
            }
            tags[tagParts++] = Bytes.utf8(key);
            tags[tagParts++] = Bytes.utf8(value);
        }
        return this;
    }

    /** Adds a float field. */
    public PointBuilder field(String key, double value) {
        entry(8, Bytes.utf8(key), 9);
        fields.put(0x11);
        fields.fixed64(Double.doubleToRawLongBits(value));
        return this;
    }

    /** Adds an integer field. */
    public PointBuilder field(String key, long value) {
        entry(9, Bytes.utf8(key), 1 + Bytes.varintSize(value));
        fields.put(0x10);
        fields.varint(value);
        return this;
    }

    /** Adds a boolean field. */
    public PointBuilder field(String key, boolean value) {
        entry(12, Bytes.utf8(key), 2);
        fields.put(0x10);
        fields.put(value ? 1 : 0);
        return this;
    }

    /** Adds a string field. */
    public PointBuilder field(String key, String value) {
        byte[] text = Bytes.utf8(value);
        entry(10, Bytes.utf8(key), 1 + Bytes.varintSize(text.length) + text.length);
        fields.field(0x12, text);
        return this;
    }

    /** Begins an entry of a map of fields: all but the value, which takes so many bytes. */
    private void entry(int map, byte[] key, int valueSize) {
        fields.put(map << 3 | 2);
        fields.varint(1 + Bytes.varintSize(key.length) + key.length + valueSize);
        fields.field(0x0a, key);
    }

    /** Sends the point. It is still there: what follows goes on from it, and {@link #name} begins another. */
    public void send() {
        message.clear();
        message.put(0x08);
        message.varint(time);
        message.field(0x12, name);
        byte[][] by = dimensions == null ? allTags() : dimensions;
        group(by);
        if (group.length > 0) {
            message.put(0x2a);
            message.varint(group.length);
            message.put(group);
            for (byte[] dimension : by) {
                message.field(0x32, dimension);
            }
            if (groupBy.byName()) {
                message.put(0x58);
                message.put(1);
            }
        }
        for (int at = 0; at < tagParts; at += 2) {
            byte[] key = tags[at];
            byte[] value = tags[at + 1];
            message.put(0x3a);
            message.varint(
                    2 + Bytes.varintSize(key.length) + key.length + Bytes.varintSize(value.length) + value.length);
            message.field(0x0a, key);
            message.field(0x12, value);
        }
        message.put(fields);

        frame.clear();
        frame.varint(2 + Bytes.varintSize(message.length) + message.length);
        frame.put(Frames.POINT);
        frame.put(1);
        frame.varint(message.length);
        frame.put(message);
        out.collect(Tuple2.of(Shards.of(group.array, group.length, shards), frame.toArray()));
    }

    private void group(byte[][] by) {
        group.clear();
        if (groupBy.byName()) {
            group.put(name);
        }
        int separator = groupBy.byName() ? '\n' : 0;
        for (byte[] dimension : by) {
            if (separator != 0) {
                group.put(separator);
            }
            separator = ',';
            group.put(dimension);
            group.put('=');
            for (int at = 0; at < tagParts; at += 2) {
                if (Arrays.equals(tags[at], dimension)) {
                    group.put(tags[at + 1]);
                    break;
                }
            }
        }
    }

    private byte[][] allTags() {
        byte[][] all = new byte[tagParts / 2][];
        for (int at = 0; at < all.length; at++) {
            all[at] = tags[2 * at];
        }
        Arrays.sort(all, Arrays::compareUnsigned);
        return all;
    }
}
