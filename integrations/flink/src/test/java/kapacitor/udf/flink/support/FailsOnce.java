package kapacitor.udf.flink.support;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.MapFunction;

/** Throws once in the life of this JVM, after some records. */
final class FailsOnce implements MapFunction<String, String> {
    private static final long serialVersionUID = 1;
    private static final int AFTER = 100;
    private static final Set<String> FAILED = ConcurrentHashMap.newKeySet();

    private final String name;
    private int records;

    FailsOnce(String name) {
        this.name = name;
    }

    @Override
    public String map(String record) {
        if (++records == AFTER && FAILED.add(name)) {
            throw new IllegalStateException("the exception of the test");
        }
        return record;
    }
}
