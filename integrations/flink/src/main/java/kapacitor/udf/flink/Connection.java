package kapacitor.udf.flink;

import java.io.Closeable;
import java.io.IOException;

/** The bytes to and from the UDF of one shard. One thread reads, another one writes. */
interface Connection extends Closeable {
    /** Reads some bytes; -1 at the end of the output. */
    int read(byte[] into, int from, int count) throws IOException;

    /** Writes all of the bytes; waits while the UDF does not take them. */
    void write(byte[] bytes, int count) throws IOException;

    /** Closes the UDF's input, so that it ends when it has handled what has come. */
    void endInput() throws IOException;

    /** What has become of the process, for a message: a text that begins with a semicolon, or none. */
    String fate();

    /** Ends the process at once, since it does not answer. */
    void kill(String why);

    /** Ends the connection, and wakes who reads or writes. */
    @Override
    void close();
}
