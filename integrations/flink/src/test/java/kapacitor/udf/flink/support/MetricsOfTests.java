package kapacitor.udf.flink.support;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Keeps the UDFs' metrics, by operator and name, and the tasks' back-pressure, as a reporter of an operator's own would show them. */
public final class MetricsOfTests implements MetricReporter {
    private static final String BACK_PRESSURE = "isBackPressured";
    private static final Map<String, Metric> METRICS = new ConcurrentHashMap<>();

    /** Made by Flink. */
    public static final class Factory implements MetricReporterFactory {
        @Override
        public MetricReporter createMetricReporter(Properties properties) {
            return new MetricsOfTests();
        }
    }

    /** The value of a metric, as {@code moving_avg.udf.pointsIn}. */
    public static long value(String name) {
        Metric metric = METRICS.get(name);
        if (metric == null) {
            throw new AssertionError("there is no metric " + name + " in " + METRICS.keySet());
        }
        return metric instanceof Counter counter ? counter.getCount() : (Long) ((Gauge<?>) metric).getValue();
    }

    /** Whether there is a metric. */
    public static boolean has(String name) {
        return METRICS.containsKey(name);
    }

    /** Whether a task cannot hand on what it makes, by the beginning of its name. */
    public static boolean isBackPressured(String task) {
        return METRICS.entrySet().stream()
                .filter(metric -> metric.getKey().startsWith(task) && metric.getKey().endsWith("." + BACK_PRESSURE))
                .anyMatch(metric -> (Boolean) ((Gauge<?>) metric.getValue()).getValue());
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        String[] scope = group.getScopeComponents();
        if (scope[scope.length - 1].equals("udf")) {
            METRICS.put(group.getAllVariables().get("<operator_name>") + ".udf." + name, metric);
        } else if (name.equals(BACK_PRESSURE)) {
            METRICS.put(group.getAllVariables().get("<task_name>") + "." + name, metric);
        }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}
}
