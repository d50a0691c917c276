package kapacitor.udf.flink.support;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import kapacitor.udf.flink.KapacitorUdf;
import kapacitor.udf.flink.LineProtocol;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/**
 * A UDF with its options, the same for Flink and for {@code pipe}. The four have the four pairs of edges.
 *
 * @param period of batches, or null
 * @param pipe arguments of {@code pipe} that mean the same
 */
public record Scenario(String udf, String options, Duration period, List<String> pipe) {
    /** Points of a run. */
    public static final int POINTS = 20_000;
    private static final int GROUPS = 50;
    private static final int POINTS_OF_A_CHECKPOINT = 400;

    public static final List<Scenario> ALL =
            List.of(
                    new Scenario(
                            "moving_avg", ".field('value').size(10)", null, List.of("--set", "field=value", "--set", "size=10")),
                    new Scenario(
                            "episodes",
                            ".field('value').above(60).gap(3s)",
                            null,
                            List.of("--set", "field=value", "--set", "above=60", "--set", "gap=3s")),
                    new Scenario(
                            "outliers",
                            ".field('value').scale(0.5)",
                            Duration.ofSeconds(20),
                            List.of("--set", "field=value", "--set", "scale=0.5", "--period", "20s")),
                    new Scenario(
                            "percentiles",
                            ".field('value').percentile(50).percentile(99.0)",
                            Duration.ofSeconds(20),
                            List.of("--set", "field=value", "--set", "percentile=50", "--set", "percentile=99", "--period", "20s")));

    private static final Map<String, List<String>> EXPECTED = new ConcurrentHashMap<>();

    /** A line of a group, with a value that is far from others at times; a point a second in each group. */
    public static String line(long index) {
        long step = index / GROUPS;
        long noise = (index * 2_654_435_761L >>> 7) % 1000;
        double value = 50 + 30 * Math.sin(step / 20.0 + index % GROUPS) + noise / 100.0;
        return "cpu,host=h" + index % GROUPS + ",dc=eu value=" + value + ",cores=8i " + (1_700_000_000L + step) + "000000000";
    }

    /** What one {@code pipe} run makes of all points. */
    public List<String> expected() {
        return EXPECTED.computeIfAbsent(udf, name -> expected(POINTS));
    }

    /** What one {@code pipe} run makes of the first points. */
    public List<String> expected(long points) {
        try {
            List<String> arguments = new ArrayList<>(List.of("--group-by", "host"));
            arguments.addAll(pipe);
            return Programs.pipe(
                    Programs.example(udf),
                    LongStream.range(0, points).mapToObj(Scenario::line).toList(),
                    arguments.toArray(new String[0]));
        } catch (Exception error) {
            throw new AssertionError(error);
        }
    }

    /** The step, with a name that makes its state another one. */
    public KapacitorUdf step(String name) {
        KapacitorUdf step = KapacitorUdf.program(Programs.example(udf)).options(options).groupBy("host").name(name);
        return period == null ? step : step.period(period);
    }

    /** Where the output is, below a folder. */
    public Path output(Path folder) {
        return folder.resolve(udf);
    }

    /** Adds the whole pipeline to a job. */
    public void build(StreamExecutionEnvironment env, Path folder, String name, boolean failsOnce) {
        build(source(env, udf), folder, name, failsOnce);
    }

    /** Adds all behind a source. */
    public void build(DataStream<String> source, Path folder, String name, boolean failsOnce) {
        DataStream<String> output = step(name).apply(source, LineProtocol.reader(), LineProtocol.writer());
        if (failsOnce) {
            output = output.map(new FailsOnce(udf)).name("fails once").returns(Types.STRING);
        }
        output.sinkTo(sink(output(folder))).uid("sink-" + udf);
    }

    /** The points, as the {@link Gate} lets them through, from one subtask: so each group keeps its order. */
    public static DataStream<String> source(StreamExecutionEnvironment env, String name) {
        DataGeneratorSource<String> source = new DataGeneratorSource<>(
                Scenario::line, POINTS, new Gate(POINTS_OF_A_CHECKPOINT), Types.STRING);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "source").uid("source-" + name).setParallelism(1);
    }

    public static FileSink<String> sink(Path folder) {
        return FileSink.forRowFormat(
                        new org.apache.flink.core.fs.Path(folder.toUri()), new SimpleStringEncoder<String>())
                .withBucketAssigner(new BasePathBucketAssigner<>())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build();
    }
}
