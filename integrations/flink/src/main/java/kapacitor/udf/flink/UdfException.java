package kapacitor.udf.flink;

import java.io.IOException;

/** A UDF that has failed, or that cannot be used as it was asked for; the message says which and why. */
public class UdfException extends IOException {
    private static final long serialVersionUID = 1;

    UdfException(String message) {
        super(message);
    }

    UdfException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What another try would end in as well: a wrong program, wrong options, or a state that does not fit. */
    public static final class Refused extends UdfException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
