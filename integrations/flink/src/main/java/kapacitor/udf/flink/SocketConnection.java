package kapacitor.udf.flink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection to the server that all shards of this JVM share. */
final class SocketConnection implements Connection {
    private final UdfServer server;
    private final SocketChannel channel;

    SocketConnection(UdfServer server, SocketChannel channel) {
        this.server = server;
        this.channel = channel;
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
        return channel.read(ByteBuffer.wrap(into, from, count));
    }

    @Override
    public void write(byte[] bytes, int count) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, 0, count);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    @Override
    public void endInput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public String fate() {
        return server.fate();
    }

    @Override
    public void kill(String why) {
        server.kill(why);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException ignored) {
            // Nothing is expected from it any more.
        }
    }
}
