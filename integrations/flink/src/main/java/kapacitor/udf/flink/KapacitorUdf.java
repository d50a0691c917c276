package kapacitor.udf.flink;

import agent.Udf.Point;
import agent.Udf.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kapacitor UDF as a step of a job, exactly once.
 *
 * <pre>{@code
 * DataStream<String> averages = KapacitorUdf.program("/opt/udf/moving_avg")
 *         .options(".field('usage_user').size(10)")
 *         .groupBy("host")
 *         .apply(lines, LineProtocol.reader(), LineProtocol.writer());
 * }</pre>
 *
 * Points of one group come to the UDF in the order in which they come to this step, which keeps the order of
 * its input where that is partitioned by group or has a parallelism of 1.
 */
public final class KapacitorUdf {
    private static final Logger LOG = LoggerFactory.getLogger(KapacitorUdf.class);
    /** Bad records of a subtask that are logged, each by itself. */
    private static final int LOGGED = 10;

    private final List<String> command = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String options = "";
    private String name;
    private int shards = 16;
    private Duration timeout = Duration.ofSeconds(10);
    private Duration period;
    private String[] tags = {};
    private boolean byName;

    private KapacitorUdf(String program) {
        command.add(program);
        name = UdfSettings.nameOf(program);
    }

    /**
     * A UDF's program, as it is found on every task manager, and its arguments: the UDF's name, where the
     * program has several, or {@code --call-limit 1m}.
     */
    public static KapacitorUdf program(String program, String... arguments) {
        KapacitorUdf udf = new KapacitorUdf(program);
        Collections.addAll(udf.command, arguments);
        return udf;
    }

    /** The options as a TICKscript gives them: {@code .field('usage_user').size(10)}. */
    public KapacitorUdf options(String tickscript) {
        TickOptions.check(tickscript);
        options = tickscript;
        return this;
    }

    /** Groups by tags, or by all that a point has: {@code "*"}. Without this, all points are one group. */
    public KapacitorUdf groupBy(String... tags) {
        GroupBy.tags(byName, tags);
        this.tags = tags.clone();
        return this;
    }

    /** Groups by the measurement's name, too. */
    public KapacitorUdf byName() {
        byName = true;
        return this;
    }

    /** For a UDF that wants batches: the points' own time that one spans. Without it, one is as long as the input. */
    public KapacitorUdf period(Duration period) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("period: expected more than 0, found " + period);
        }
        this.period = period;
        return this;
    }

    /**
     * Sessions that the groups are spread over, 16 without this. It is the highest parallelism of the step, and
     * stays for the life of its savepoints.
     */
    public KapacitorUdf shards(int shards) {
        if (shards < 1 || shards > 32768) {
            throw new IllegalArgumentException("shards: expected 1 to 32768, found " + shards);
        }
        this.shards = shards;
        return this;
    }

    /** How long the UDF may be silent while it owes an answer, 10 s without this; then the step fails. */
    public KapacitorUdf timeout(Duration timeout) {
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException("timeout: expected 1 ms at least, found " + timeout);
        }
        this.timeout = timeout;
        return this;
    }

    /** A variable of the program's environment, such as {@code UDF_LOG}. */
    public KapacitorUdf environment(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** The name in the log, in metrics and in the step's uid; the program's file name without this. */
    public KapacitorUdf name(String name) {
        this.name = name;
        return this;
    }

    /** Adds the UDF behind a stream. */
    public <T, R> SingleOutputStreamOperator<R> apply(
            DataStream<T> input, PointReader<T> reader, RecordWriter<R> writer) {
        TypeInformation<Tuple2<Integer, byte[]>> points = Types.TUPLE(Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
        UdfSettings settings = new UdfSettings(command, environment, options, name, shards, timeout, period);
        return input
                .flatMap(new ToPoints<>(reader, GroupBy.tags(byName, tags), shards), points)
                .name("to points")
                .setParallelism(input.getParallelism())
                .keyBy(new Shards.Selector(shards), Types.INT)
                .transform(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO, new UdfOperatorFactory(settings))
                .uid("kapacitor-udf-" + name)
                .setMaxParallelism(shards)
                .flatMap(new FromPoints<>(writer), writer.type())
                .name("from points")
                .setMaxParallelism(shards);
    }

    static final class ToPoints<T> extends RichFlatMapFunction<T, Tuple2<Integer, byte[]>> {
        private static final long serialVersionUID = 1;
        private final PointReader<T> reader;
        private final GroupBy groupBy;
        private final int shards;
        private transient PointBuilder points;
        private transient Counter bad;

        ToPoints(PointReader<T> reader, GroupBy groupBy, int shards) {
            this.reader = reader;
            this.groupBy = groupBy;
            this.shards = shards;
        }

        @Override
        public void open(OpenContext context) {
            points = new PointBuilder(groupBy, shards);
            bad = getRuntimeContext().getMetricGroup().addGroup("udf").counter("badRecords");
        }

        @Override
        public void flatMap(T record, Collector<Tuple2<Integer, byte[]>> out) {
            points.to(out);
            try {
                reader.read(record, points);
            } catch (BadRecordException error) {
                bad.inc();
                if (bad.getCount() <= LOGGED) {
                    LOG.warn("a bad record is left out: {}", error.getMessage());
                    if (bad.getCount() == LOGGED) {
                        LOG.warn("more of them are only counted, by the metric udf.badRecords");
                    }
                }
            }
        }
    }

    static final class FromPoints<R> extends RichFlatMapFunction<byte[], R> {
        private static final long serialVersionUID = 1;
        private final RecordWriter<R> writer;

        FromPoints(RecordWriter<R> writer) {
            this.writer = writer;
        }

        @Override
        public void flatMap(byte[] frames, Collector<R> out) {
            List<Response> messages = Frames.read(frames);
            Response first = messages.get(0);
            if (first.hasPoint()) {
                writer.point(first.getPoint(), out);
                return;
            }
            List<Point> points = new ArrayList<>(messages.size() - 2);
            for (Response message : messages.subList(1, messages.size() - 1)) {
                points.add(message.getPoint());
            }
            Response last = messages.get(messages.size() - 1);
            writer.batch(new RecordWriter.Batch(first.getBegin(), points, last.getEnd()), out);
        }
    }
}
