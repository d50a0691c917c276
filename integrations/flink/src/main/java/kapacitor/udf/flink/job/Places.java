package kapacitor.udf.flink.job;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kapacitor.udf.flink.job.JobArguments.WrongArgument;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The sources and sinks of the ready job. */
final class Places {
    /** Seconds that Kafka has to answer. */
    private static final int ANSWER = 15;

    private Places() {}

    /** Looks whether what is named is there. */
    static void check(JobArguments arguments) throws WrongArgument {
        if (!arguments.from().isKafka()) {
            folder(arguments.from().name());
        } else {
            topic("--from", arguments.from().name(), arguments.kafka());
        }
        if (arguments.to().isKafka()) {
            topic("--to", arguments.to().name(), arguments.kafka());
        }
    }

    private static void folder(String name) throws WrongArgument {
        try {
            Path path = new Path(name);
            if (!path.getFileSystem().exists(path)) {
                throw new WrongArgument("--from: " + name + " does not exist");
            }
        } catch (IOException | IllegalArgumentException error) {
            throw new WrongArgument("--from: " + name + " cannot be read: " + error.getMessage());
        }
    }

    private static void topic(String argument, String name, Properties kafka) throws WrongArgument {
        String brokers = kafka.getProperty("bootstrap.servers");
        try (AdminClient admin = AdminClient.create(kafka)) {
            admin.describeTopics(List.of(name)).allTopicNames().get(ANSWER, TimeUnit.SECONDS);
        } catch (ExecutionException error) {
            if (error.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new WrongArgument(argument + ": the topic " + name + " does not exist at " + brokers);
            }
            throw new WrongArgument(argument + ": Kafka at " + brokers + " says: " + error.getCause().getMessage());
        } catch (TimeoutException error) {
            throw new WrongArgument(argument + ": Kafka at " + brokers + " has not answered for " + ANSWER + " s");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new WrongArgument(argument + ": interrupted");
        } catch (KafkaException error) {
            Throwable why = error.getCause() == null ? error : error.getCause();
            throw new WrongArgument("--brokers: " + brokers + " cannot be used: " + why.getMessage());
        }
    }

    static Source<String, ?, ?> source(JobArguments arguments) {
        if (!arguments.from().isKafka()) {
            var files = FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(arguments.from().name()));
            return arguments.watch() == null
                    ? files.build()
                    : files.monitorContinuously(arguments.watch()).build();
        }
        var topic =
                KafkaSource.<String>builder()
                        .setProperties(arguments.kafka())
                        .setTopics(arguments.from().name())
                        .setGroupId(arguments.kafka().getProperty("group.id", "kapacitor-udf-" + arguments.name()))
                        // Without a checkpoint: where the group has been, or else all that is there.
                        .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                        .setProperty("isolation.level", "read_committed")
                        .setValueOnlyDeserializer(new SimpleStringSchema());
        if (arguments.bounded()) {
            topic.setBounded(OffsetsInitializer.latest());
        }
        return topic.build();
    }

    static Sink<Tuple2<String, String>> sink(JobArguments arguments) {
        if (!arguments.to().isKafka()) {
            return FileSink.forRowFormat(new Path(arguments.to().name()), new Lines())
                    .withBucketAssigner(new BasePathBucketAssigner<>())
                    .withRollingPolicy(OnCheckpointRollingPolicy.build())
                    .build();
        }
        return KafkaSink.<Tuple2<String, String>>builder()
                .setKafkaProducerConfig(arguments.kafka())
                // A broker refuses more than 15 minutes, by default.
                .setProperty(
                        "transaction.timeout.ms", arguments.kafka().getProperty("transaction.timeout.ms", "900000"))
                .setRecordSerializer(
                        KafkaRecordSerializationSchema.<Tuple2<String, String>>builder()
                                .setTopic(arguments.to().name())
                                .setKeySerializationSchema(new Part(true))
                                .setValueSerializationSchema(new Part(false))
                                .build())
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix("kapacitor-udf-" + arguments.name() + "-" + arguments.to().name())
                .build();
    }

    /** Lines in files, without their groups. */
    private static final class Lines implements Encoder<Tuple2<String, String>> {
        private static final long serialVersionUID = 1;

        @Override
        public void encode(Tuple2<String, String> record, OutputStream out) throws IOException {
            out.write(record.f1.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }
    }

    /** The group or the lines of a record. */
    private record Part(boolean isGroup) implements SerializationSchema<Tuple2<String, String>> {
        @Override
        public byte[] serialize(Tuple2<String, String> record) {
            return (isGroup ? record.f0 : record.f1).getBytes(StandardCharsets.UTF_8);
        }
    }
}
