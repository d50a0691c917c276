package kapacitor.udf.flink;

import java.util.ArrayDeque;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * Watermarks, and their statuses, that wait for the output of the input before them.
 *
 * <p>Each has a number. The sessions with unanswered input are asked to send it back, which they do after
 * that output; when all have, the mark is passed on, in the order of the numbers.
 */
final class HeldWatermarks {
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long last;

    private static final class Held {
        final long number;
        final ThrowingRunnable<Exception> pass;
        int waitsFor;

        Held(long number, ThrowingRunnable<Exception> pass, int waitsFor) {
            this.number = number;
            this.pass = pass;
            this.waitsFor = waitsFor;
        }
    }

    /** The number of the next mark: negative, as no sign of life that a UDF sends by itself has one. */
    long next() {
        return --last;
    }

    /** Holds a mark until so many sessions have sent its number back. */
    void hold(long number, int sessions, ThrowingRunnable<Exception> pass) throws Exception {
        held.add(new Held(number, pass, sessions));
        release();
    }

    /** A session has sent a number back. */
    void returned(long number) throws Exception {
        for (Held mark : held) {
            if (mark.number == number) {
                mark.waitsFor--;
                break;
            }
        }
        release();
    }

    /** Passes all on: there is no output left that they wait for. */
    void releaseAll() throws Exception {
        held.forEach(mark -> mark.waitsFor = 0);
        release();
    }

    private void release() throws Exception {
        while (!held.isEmpty() && held.peek().waitsFor <= 0) {
            held.poll().pass.run();
        }
    }
}
