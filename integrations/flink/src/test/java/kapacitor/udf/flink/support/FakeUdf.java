package kapacitor.udf.flink.support;

import agent.Udf.EdgeType;
import agent.Udf.InfoResponse;
import agent.Udf.InitResponse;
import agent.Udf.Request;
import agent.Udf.Response;
import agent.Udf.RestoreResponse;
import agent.Udf.SnapshotResponse;
import com.google.protobuf.ByteString;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** A UDF that misbehaves, on its standard input and output; its argument says how. */
public final class FakeUdf {
    private FakeUdf() {}

    /** The command of one that misbehaves so. */
    public static List<String> command(String how) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FakeUdf.class.getName(),
                how);
    }

    public static void main(String[] arguments) throws Exception {
        String how = arguments[0];
        OutputStream out = System.out;
        int snapshots = 0;
        for (Request request = Request.parseDelimitedFrom(System.in);
                request != null;
                request = Request.parseDelimitedFrom(System.in)) {
            Response.Builder response = Response.newBuilder();
            switch (request.getMessageCase()) {
                case INFO -> response.setInfo(
                        InfoResponse.newBuilder().setWants(EdgeType.STREAM).setProvides(EdgeType.STREAM));
                case INIT -> response.setInit(InitResponse.newBuilder().setSuccess(true));
                case KEEPALIVE -> response.getKeepaliveBuilder().setTime(request.getKeepalive().getTime());
                case SNAPSHOT -> {
                    boolean fails = how.equals("empty snapshot") && snapshots++ > 0;
                    response.setSnapshot(
                            SnapshotResponse.newBuilder().setSnapshot(ByteString.copyFromUtf8(fails ? "" : "1")));
                }
                case RESTORE -> response.setRestore(
                        RestoreResponse.newBuilder().setError("version 1 of the state, and not 2"));
                case POINT -> {
                    if (how.equals("hang")) {
                        Thread.sleep(Long.MAX_VALUE);
                    }
                    if (how.equals("print")) {
                        out.write("a print that is no message\n".getBytes());
                        out.flush();
                    }
                    if (how.equals("log")) {
                        System.err.println("WARN fake: a warning\n    of two lines");
                        System.err.println("DEBUG fake: a detail");
                        System.err.println("a print");
                    }
                    if (how.equals("fail")) {
                        response.getErrorBuilder().setError("the UDF's last words");
                        response.build().writeDelimitedTo(out);
                        out.flush();
                        return;
                    }
                    response.setPoint(request.getPoint());
                }
                default -> throw new IllegalStateException(request.toString());
            }
            response.build().writeDelimitedTo(out);
            out.flush();
        }
    }
}
