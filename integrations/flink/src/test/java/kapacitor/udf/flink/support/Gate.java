package kapacitor.udf.flink.support;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;

/**
 * Lets some points through in each checkpoint, until it is opened: so that a run does not end before its test
 * has done what it is about.
 */
public final class Gate implements RateLimiterStrategy<NumberSequenceSplit> {
    private static final long serialVersionUID = 1;
    private static volatile boolean isOpen;

    private final int points;

    /** @param points that are let through in each checkpoint */
    public Gate(int points) {
        this.points = points;
    }

    /** Closes all gates of this JVM. */
    public static void close() {
        isOpen = false;
    }

    /** Opens all gates of this JVM. */
    public static void open() {
        isOpen = true;
    }

    @Override
    public RateLimiter<NumberSequenceSplit> createRateLimiter(int parallelism) {
        // The source's thread calls both methods.
        return new RateLimiter<>() {
            private int left = points;
            private CompletableFuture<Void> more = CompletableFuture.completedFuture(null);

            @Override
            public CompletionStage<Void> acquire(int events) {
                if (!isOpen && left <= 0) {
                    more = new CompletableFuture<>();
                }
                left -= events;
                return more;
            }

            @Override
            public void notifyCheckpointComplete(long checkpoint) {
                left = points;
                more.complete(null);
            }
        };
    }
}
