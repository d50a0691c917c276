package kapacitor.udf.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A buffer of bytes that grows, and writes the parts that protobuf messages are made of. */
final class Bytes {
    byte[] array = new byte[512];
    int length;

    void clear() {
        length = 0;
    }

    /** Makes room for so many more bytes. */
    private void reserve(int more) {
        if (array.length - length < more) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, Math.addExact(length, more)));
        }
    }

    void put(int value) {
        reserve(1);
        array[length++] = (byte) value;
    }

    void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    void put(byte[] bytes, int from, int count) {
        reserve(count);
        System.arraycopy(bytes, from, array, length, count);
        length += count;
    }

    void put(Bytes other) {
        put(other.array, 0, other.length);
    }

    void varint(long value) {
        reserve(10);
        while ((value & ~0x7fL) != 0) {
            array[length++] = (byte) (value | 0x80);
            value >>>= 7;
        }
        array[length++] = (byte) value;
    }

    void fixed64(long value) {
        reserve(8);
        for (int shift = 0; shift < 64; shift += 8) {
            array[length++] = (byte) (value >>> shift);
        }
    }

    /** A field of text or bytes: its key, which fits into a byte, its length and its bytes. */
    void field(int key, byte[] bytes) {
        put(key);
        varint(bytes.length);
        put(bytes);
    }

    byte[] toArray() {
        return Arrays.copyOf(array, length);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static int varintSize(long value) {
        return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
    }
}
