package kapacitor.udf.flink.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The one cluster that all tests share; it ends with the JVM. */
public final class TestCluster {
    /** Seconds within which anything that is waited for has to happen. */
    public static final int PATIENCE = 120;

    private static MiniCluster cluster;

    private TestCluster() {}

    private static synchronized MiniCluster cluster() throws Exception {
        if (cluster == null) {
            Configuration configuration = new Configuration();
            configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
            // Any port: another cluster may run on this machine.
            configuration.set(RestOptions.BIND_PORT, "0");
            configuration.setString("metrics.reporter.test.factory.class", MetricsOfTests.Factory.class.getName());
            MiniCluster started = new MiniCluster(
                    new MiniClusterConfiguration.Builder()
                            .setNumTaskManagers(1)
                            .setNumSlotsPerTaskManager(4)
                            .setConfiguration(configuration)
                            .build());
            started.start();
            cluster = started;
        }
        return cluster;
    }

    /** What jobs of the tests have in common: checkpoints each 100 ms, kept after a cancel; many restarts. */
    public static Configuration configuration(Path checkpoints, String backend) {
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(StateBackendOptions.STATE_BACKEND, backend);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(20));
        return configuration;
    }

    /** An environment whose job is submitted by {@link #submit}. */
    public static StreamExecutionEnvironment environment(Path checkpoints, String backend, int parallelism) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration(checkpoints, backend));
        env.setParallelism(parallelism);
        return env;
    }

    /**
     * Submits a job.
     *
     * @param from a savepoint or a retained checkpoint to go on from, or null
     */
    public static JobID submit(StreamExecutionEnvironment env, String from) throws Exception {
        JobGraph graph = env.getStreamGraph().getJobGraph();
        if (from != null) {
            graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(from, true));
        }
        cluster().submitJob(graph).get(PATIENCE, TimeUnit.SECONDS);
        return graph.getJobID();
    }

    /** Waits until a look has a result. */
    public static <T> T until(String what, Callable<T> look) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        for (T found = look.call(); ; found = look.call()) {
            if (found != null) {
                return found;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + PATIENCE + " s for " + what);
            }
            Thread.sleep(20);
        }
    }

    /** Whether all tasks of a job have been opened. */
    public static boolean isRunning(JobID job) throws Exception {
        for (var vertex : cluster().getExecutionGraph(job).get(PATIENCE, TimeUnit.SECONDS).getAllExecutionVertices()) {
            if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    /** Waits for a job's end. */
    public static JobResult result(JobID job) throws Exception {
        return result(job, PATIENCE);
    }

    /** Waits for a job's end for so many seconds. */
    public static JobResult result(JobID job, int seconds) throws Exception {
        return cluster().requestJobResult(job).get(seconds, TimeUnit.SECONDS);
    }

    /** Waits until a job has done all of its work. */
    public static void finish(JobID job) throws Exception {
        JobResult result = result(job);
        if (!result.isSuccess()) {
            throw new AssertionError("the job has failed", result.getSerializedThrowable().orElse(null));
        }
    }

    /** The messages of a failed job, from the outermost to the cause. */
    public static String failure(JobID job) throws Exception {
        JobResult result = result(job);
        if (result.isSuccess()) {
            throw new AssertionError("expected the job to fail");
        }
        StringBuilder text = new StringBuilder();
        Throwable error = result.getSerializedThrowable().orElseThrow().deserializeError(TestCluster.class.getClassLoader());
        for (; error != null; error = error.getCause()) {
            text.append(error.getMessage()).append('\n');
        }
        return text.toString();
    }

    /** Stops a job with a savepoint; returns its path. */
    public static String stop(JobID job, Path folder, boolean drain) throws Exception {
        String path = cluster()
                .stopWithSavepoint(job, folder.toUri().toString(), drain, SavepointFormatType.CANONICAL)
                .get(PATIENCE, TimeUnit.SECONDS);
        result(job);
        return path;
    }

    /** Cancels a job, and waits until it has ended. */
    public static void cancel(JobID job) throws Exception {
        cluster().cancelJob(job).get(PATIENCE, TimeUnit.SECONDS);
        result(job);
    }

    /** Ends what a test that has failed has left. */
    public static void cancelAll() throws Exception {
        for (var job : cluster().listJobs().get(PATIENCE, TimeUnit.SECONDS)) {
            if (!job.getJobState().isGloballyTerminalState()) {
                cancel(job.getJobId());
            }
        }
    }

    /** The latest checkpoint below a folder. */
    public static String latestCheckpoint(Path checkpoints) throws IOException {
        try (Stream<Path> files = Files.walk(checkpoints)) {
            return files.filter(file -> file.endsWith("_metadata"))
                    .max(Comparator.comparing((Path file) -> modified(file)))
                    .orElseThrow(() -> new AssertionError("no checkpoint is below " + checkpoints))
                    .getParent()
                    .toUri()
                    .toString();
        }
    }

    private static java.nio.file.attribute.FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }
}
