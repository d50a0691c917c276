package kapacitor.udf.flink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A process for one shard, on its standard input and output: for programs that cannot listen on a socket. */
final class ChildConnection implements Connection {
    private final Process process;
    private final InputStream output;
    private final OutputStream input;

    ChildConnection(UdfSettings settings) throws UdfException {
        process = Processes.start(settings, settings.command(), false);
        output = process.getInputStream();
        input = process.getOutputStream();
        UdfLog.follow(settings, process, process.getErrorStream());
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
        return output.read(into, from, count);
    }

    @Override
    public void write(byte[] bytes, int count) throws IOException {
        input.write(bytes, 0, count);
        input.flush();
    }

    @Override
    public void endInput() throws IOException {
        input.close();
    }

    @Override
    public String fate() {
        return Processes.fate(process);
    }

    @Override
    public void kill(String why) {
        Processes.kill(process);
    }

    @Override
    public void close() {
        Processes.end(process);
    }
}
