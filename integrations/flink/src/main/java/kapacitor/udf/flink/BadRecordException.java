package kapacitor.udf.flink;

/** A record that holds no point; the message says why not, and where. */
public final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1;

    public BadRecordException(String message) {
        // It is an answer rather than a fault, and there may be many.
        super(message, null, false, false);
    }
}
