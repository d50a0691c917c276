package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kapacitor.udf.flink.support.Programs;
import kapacitor.udf.flink.support.TestCluster;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A watermark passes after the output of the input before it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WatermarksTest {
    private static final int POINTS = 50_000;
    private static final AtomicLong SEEN = new AtomicLong();
    private static final AtomicLong LATE = new AtomicLong();
    private static final AtomicLong MARKS = new AtomicLong();

    @TempDir Path folder;

    @AfterEach
    void endJobs() throws Exception {
        TestCluster.cancelAll();
    }

    @Test
    void noOutputIsLate() throws Exception {
        run(new UdfOperatorFactory(settings()));
        assertEquals(POINTS, SEEN.get());
        assertTrue(MARKS.get() > 10, MARKS + " watermarks were seen");
        assertEquals(0, LATE.get());
    }

    /** The control: passed on at once, watermarks make output late. */
    @Test
    void atOnceOutputIsLate() throws Exception {
        run(new EarlyFactory(settings()));
        assertEquals(POINTS, SEEN.get());
        assertTrue(LATE.get() > 0);
    }

    private static UdfSettings settings() {
        return new UdfSettings(
                List.of(Programs.example("mirror")), Map.of(), "", "mirror", 4, Duration.ofSeconds(10), null);
    }

    private void run(OneInputStreamOperatorFactory<Tuple2<Integer, byte[]>, byte[]> factory) throws Exception {
        SEEN.set(0);
        LATE.set(0);
        MARKS.set(0);
        StreamExecutionEnvironment env = TestCluster.environment(folder, "hashmap", 1);
        env.getConfig().setAutoWatermarkInterval(1);
        var source = new DataGeneratorSource<>(
                index -> Tuple2.of((int) (index % 4), point(index)),
                POINTS,
                RateLimiterStrategy.perSecond(50_000),
                Types.TUPLE(Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        DataStream<Tuple2<Integer, byte[]>> points = env.fromSource(
                source,
                WatermarkStrategy.<Tuple2<Integer, byte[]>>forMonotonousTimestamps()
                        .withTimestampAssigner((record, before) -> milliseconds(record.f1)),
                "points");
        points.keyBy(new Shards.Selector(4), Types.INT)
                .transform("mirror", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO, factory)
                .setMaxParallelism(4)
                .process(new CountLate())
                .sinkTo(new DiscardingSink<>());
        TestCluster.finish(TestCluster.submit(env, null));
    }

    /** A millisecond each. */
    private static byte[] point(long index) {
        var records = new java.util.ArrayList<byte[]>();
        PointBuilder builder = new PointBuilder(GroupBy.tags(false), 4);
        builder.to(new Collector<>() {
            @Override
            public void collect(Tuple2<Integer, byte[]> record) {
                records.add(record.f1);
            }

            @Override
            public void close() {}
        });
        builder.name("m").field("value", 1L).time(index * 1_000_000).send();
        return records.get(0);
    }

    private static long milliseconds(byte[] frame) {
        try {
            return Frames.time(frame) / 1_000_000;
        } catch (java.io.IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }

    private static final class CountLate extends ProcessFunction<byte[], byte[]> {
        private static final long serialVersionUID = 1;
        private transient long last;

        @Override
        public void processElement(byte[] frames, Context context, Collector<byte[]> out) {
            SEEN.incrementAndGet();
            long mark = context.timerService().currentWatermark();
            if (mark != last) {
                last = mark;
                MARKS.incrementAndGet();
            }
            if (context.timestamp() <= mark) {
                LATE.incrementAndGet();
            }
        }
    }

    private static final class EarlyFactory extends AbstractStreamOperatorFactory<byte[]>
            implements OneInputStreamOperatorFactory<Tuple2<Integer, byte[]>, byte[]> {
        private static final long serialVersionUID = 1;
        private final UdfSettings settings;

        EarlyFactory(UdfSettings settings) {
            this.settings = settings;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T extends StreamOperator<byte[]>> T createStreamOperator(StreamOperatorParameters<byte[]> parameters) {
            return (T) new EarlyOperator(parameters, settings);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
            return EarlyOperator.class;
        }
    }

    private static final class EarlyOperator extends UdfOperator {
        private static final long serialVersionUID = 1;

        EarlyOperator(StreamOperatorParameters<byte[]> parameters, UdfSettings settings) {
            super(parameters, settings);
        }

        @Override
        public void processWatermark(Watermark mark) {
            output.emitWatermark(mark);
        }
    }
}
