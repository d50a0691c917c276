package kapacitor.udf.flink;

import agent.Udf.Point;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import kapacitor.udf.flink.support.MetricsOfTests;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.flink.util.FileUtils;

/** Prints the tables of docs/scale.md; bench.sh runs it. Not a test. */
public final class Benchmark {
    /**
     * A run.
     *
     * @param udf the example, or null for the same job without a UDF
     * @param fields of a point; one field and one tag, or ten and four
     */
    private record Run(String udf, int fields, int parallelism, int groups, int shards, int checkpointSeconds) {}

    /**
     * What it gave.
     *
     * @param jvm microseconds of CPU time a point, of Flink
     * @param child of the UDF
     */
    private record Result(long pointsPerSecond, double jvm, double child, long snapshotBytes, long snapshotMs) {
        double cpu() {
            return jvm + child;
        }
    }

    /** Seconds that a run may take. */
    private static final int LONGEST = 600;

    private static int rounds = 5;
    private static double scale = 1;

    private Benchmark() {}

    /** @param arguments the rounds of each run, and a factor of the points */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            rounds = Integer.parseInt(arguments[0]);
        }
        if (arguments.length > 1) {
            scale = Double.parseDouble(arguments[1]);
        }
        // The compiler's share is not what is measured.
        measure(new Run("moving_avg", 10, 2, 50, 16, 1));
        measure(new Run(null, 10, 2, 50, 16, 1));
        engines();
        checkpoints();
        groups();
        shards();
        System.exit(0);
    }

    private static void engines() throws Exception {
        System.out.println("\n| points | parallelism | UDF | points/s | | CPU µs a point | of it the UDF's |"
                + "\n|---|---|---|---|---|---|---|");
        for (int fields : new int[] {1, 10}) {
            for (int parallelism : new int[] {1, 2}) {
                String[] udfs = {null, "mirror", "moving_avg"};
                List<Result> results = medians(
                        Arrays.stream(udfs).map(udf -> new Run(udf, fields, parallelism, 50, 16, 1)).toArray(Run[]::new));
                for (int at = 0; at < udfs.length; at++) {
                    System.out.printf(
                            "| %s | %d | %s | %,d | %.2f | %.2f | %.2f |%n",
                            fields == 1 ? "small" : "typical",
                            parallelism,
                            at == 0 ? "none" : udfs[at],
                            results.get(at).pointsPerSecond(),
                            ratio(results, at),
                            results.get(at).cpu(),
                            results.get(at).child());
                }
            }
        }
    }

    private static void checkpoints() throws Exception {
        System.out.println("\n| checkpoint each | points/s | | CPU µs a point |\n|---|---|---|---|");
        int[] seconds = {3600, 1};
        List<Result> results = medians(
                Arrays.stream(seconds).mapToObj(every -> new Run("moving_avg", 1, 2, 50, 16, every)).toArray(Run[]::new));
        for (int at = 0; at < seconds.length; at++) {
            System.out.printf(
                    "| %s | %,d | %.2f | %.2f |%n",
                    at == 0 ? "never" : seconds[at] + " s",
                    results.get(at).pointsPerSecond(),
                    ratio(results, at),
                    results.get(at).cpu());
        }
    }

    private static void groups() throws Exception {
        System.out.println("\n| groups | points/s | | CPU µs a point | snapshots, bytes | wait of a checkpoint, ms |"
                + "\n|---|---|---|---|---|---|");
        int[] groups = {1, 100, 10_000, 100_000, 1_000_000};
        List<Result> results = medians(
                Arrays.stream(groups).mapToObj(some -> new Run("moving_avg", 1, 2, some, 16, 1)).toArray(Run[]::new));
        print(groups, results, 1);
    }

    private static void shards() throws Exception {
        System.out.println("\n| shards | points/s | | CPU µs a point | snapshots, bytes | wait of a checkpoint, ms |"
                + "\n|---|---|---|---|---|---|");
        int[] shards = {2, 16, 64, 256};
        List<Result> results = medians(
                Arrays.stream(shards).mapToObj(some -> new Run("moving_avg", 1, 2, 10_000, some, 1)).toArray(Run[]::new));
        print(shards, results, 1);
    }

    private static void print(int[] what, List<Result> results, int base) {
        for (int at = 0; at < what.length; at++) {
            Result result = results.get(at);
            System.out.printf(
                    "| %,d | %,d | %.2f | %.2f | %,d | %d |%n",
                    what[at],
                    result.pointsPerSecond(),
                    (double) result.pointsPerSecond() / results.get(base).pointsPerSecond(),
                    result.cpu(),
                    result.snapshotBytes(),
                    result.snapshotMs());
        }
    }

    private static double ratio(List<Result> results, int at) {
        return (double) results.get(at).pointsPerSecond() / results.get(0).pointsPerSecond();
    }

    /** The median of each run; the rounds of all take turns, so that what else the machine does meets all. */
    private static List<Result> medians(Run... runs) throws Exception {
        List<List<Result>> all = new ArrayList<>();
        for (Run run : runs) {
            all.add(new ArrayList<>());
        }
        for (int round = 0; round < rounds; round++) {
            for (int at = 0; at < runs.length; at++) {
                all.get(at).add(measure(runs[at]));
            }
        }
        return all.stream().map(Benchmark::median).toList();
    }

    private static Result median(List<Result> results) {
        results.sort(Comparator.comparingLong(Result::pointsPerSecond));
        return results.get(results.size() / 2);
    }

    private static Result measure(Run run) throws Exception {
        long points = (long) ((run.fields() == 1 ? 4_000_000 : 1_500_000) * scale);
        Path folder = Files.createTempDirectory("bench");
        try {
            Configuration configuration = TestCluster.configuration(folder, "hashmap");
            configuration.set(
                    CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(run.checkpointSeconds()));
            var env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
            env.setParallelism(run.parallelism());
            build(env, run, points);
            long jvm = jvmCpu();
            double child = childrenCpu();
            var result = TestCluster.result(TestCluster.submit(env, null), LONGEST);
            if (!result.isSuccess()) {
                throw new IllegalStateException(result.getSerializedThrowable().orElse(null));
            }
            long ms = result.getNetRuntime();
            return new Result(
                    points * 1000 / ms,
                    (jvmCpu() - jvm) / 1e3 / points,
                    (childrenCpu() - child) * 1e6 / points,
                    run.udf() == null ? 0 : MetricsOfTests.value("bench.udf.snapshotBytes"),
                    run.udf() == null ? 0 : MetricsOfTests.value("bench.udf.snapshotMs"));
        } finally {
            // Flink may still be deleting its last checkpoints.
            FileUtils.deleteDirectoryQuietly(folder.toFile());
        }
    }

    /** Nanoseconds of this process. */
    private static long jvmCpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** Seconds of the children that have ended, as the kernel counts them: in hundredths. */
    private static double childrenCpu() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / 100.0;
    }

    private static void build(StreamExecutionEnvironment env, Run run, long points) {
        DataStream<Long> numbers = env.fromSource(
                new DataGeneratorSource<>(index -> index, points, Types.LONG),
                WatermarkStrategy.noWatermarks(),
                "numbers");
        PointReader<Long> reader = new Reader(run.groups(), run.fields());
        if (run.udf() != null) {
            KapacitorUdf.program(Programs.example(run.udf()))
                    .name("bench")
                    .options(run.udf().equals("mirror") ? "" : ".field('f0').size(10)")
                    .groupBy("host")
                    .shards(run.shards())
                    .apply(numbers, reader, new Counter())
                    .sinkTo(new DiscardingSink<>());
            return;
        }
        numbers.flatMap(
                        new KapacitorUdf.ToPoints<>(reader, GroupBy.tags(false, "host"), run.shards()),
                        Types.TUPLE(Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO))
                .keyBy(new Shards.Selector(run.shards()), Types.INT)
                .map(record -> record.f1, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)
                .flatMap(new KapacitorUdf.FromPoints<>(new Counter()), Types.LONG)
                .sinkTo(new DiscardingSink<>());
    }

    /** Makes points of numbers: a name, one tag or four, one float field or ten. */
    private static final class Reader implements PointReader<Long> {
        private static final long serialVersionUID = 1;
        private static final String[] FIELDS = {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9"};
        private final int groups;
        private final int fields;
        private transient String[] hosts;

        Reader(int groups, int fields) {
            this.groups = groups;
            this.fields = fields;
        }

        @Override
        public void read(Long number, PointBuilder points) {
            if (hosts == null) {
                hosts = new String[groups];
                Arrays.setAll(hosts, at -> "host" + at);
            }
            points.name("cpu").tag("host", hosts[(int) (number % groups)]).time(number);
            if (fields > 1) {
                points.tag("dc", "eu-west-1").tag("rack", "r17").tag("os", "linux");
            }
            for (int at = 0; at < fields; at++) {
                points.field(FIELDS[at], number * 0.5 + at);
            }
            points.send();
        }
    }

    /** Takes a point apart, and sends nothing. */
    private static final class Counter implements RecordWriter<Long> {
        private static final long serialVersionUID = 1;

        @Override
        public void point(Point point, Collector<Long> out) {
            if (point.getName().isEmpty()) {
                out.collect(point.getTime());
            }
        }

        @Override
        public void batch(Batch batch, Collector<Long> out) {
            throw new IllegalStateException("no batches are measured");
        }

        @Override
        public TypeInformation<Long> type() {
            return Types.LONG;
        }
    }
}
