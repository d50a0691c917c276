package kapacitor.udf.flink.job;

import kapacitor.udf.flink.KapacitorUdf;
import kapacitor.udf.flink.LineProtocol;
import kapacitor.udf.flink.job.JobArguments.WrongArgument;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The ready job: line protocol from Kafka or files, through a UDF, to Kafka or files. */
public final class Job {
    /** Milliseconds between checkpoints, where the cluster's configuration says nothing. */
    private static final long CHECKPOINT_MS = 10_000;

    private Job() {}

    /** Runs the job; {@code --help} prints the arguments. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0 || args[0].equals("--help")) {
            System.out.print(JobArguments.USAGE);
            return;
        }
        JobArguments arguments;
        try {
            arguments = JobArguments.parse(args);
            Places.check(arguments);
        } catch (WrongArgument wrong) {
            System.err.println("error: " + wrong.getMessage() + "\nhelp: --help prints all arguments");
            // Flink's client shows the message of what is thrown here.
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        build(env, arguments);
        env.execute(arguments.name());
    }

    static void build(StreamExecutionEnvironment env, JobArguments arguments) {
        if (!env.getCheckpointConfig().isCheckpointingEnabled()) {
            // The output is committed by checkpoints.
            env.enableCheckpointing(CHECKPOINT_MS);
        }
        DataStream<String> lines =
                env.fromSource(Places.source(arguments), WatermarkStrategy.noWatermarks(), "from " + arguments.from().name())
                        .uid("source-" + arguments.name());
        KapacitorUdf udf =
                KapacitorUdf.program(arguments.program(), arguments.programArguments().toArray(new String[0]))
                        .name(arguments.name())
                        .options(arguments.options())
                        .groupBy(arguments.groupBy().toArray(new String[0]))
                        .shards(arguments.shards())
                        .timeout(arguments.timeout());
        if (arguments.byName()) {
            udf.byName();
        }
        if (arguments.period() != null) {
            udf.period(arguments.period());
        }
        DataStream<Tuple2<String, String>> output =
                udf.apply(lines, LineProtocol.reader(arguments.unit()), new GroupedLines(arguments.unit()));
        output.sinkTo(Places.sink(arguments))
                .name("to " + arguments.to().name())
                .uid("sink-" + arguments.name());
    }
}
