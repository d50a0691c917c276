package kapacitor.udf.flink;

import agent.Udf.Point;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.Collector;

/**
 * Line protocol, in the dialect of InfluxDB 1.x and Kapacitor.
 *
 * <p>A record may have several lines. A line without a time gets the time at which it is read, which another
 * try cannot repeat: give times where results have to be the same after a failure.
 */
public final class LineProtocol {
    private LineProtocol() {}

    /** Reads lines whose times are in nanoseconds. */
    public static PointReader<String> reader() {
        return reader(1);
    }

    /** Reads lines whose times are in a unit of so many nanoseconds. */
    public static PointReader<String> reader(long nanosecondsOfUnit) {
        return (record, points) -> LineParser.read(record, nanosecondsOfUnit, points);
    }

    /** Writes a record for each point, and one for each batch: its lines, with line breaks between them. */
    public static RecordWriter<String> writer() {
        return new Writer();
    }

    /** The line of a point, without a line break; null where line protocol cannot hold it. */
    public static String line(Point point) {
        return line(point.getName(), point.getTagsMap(), point);
    }

    /** The lines of a batch, with line breaks between them; empty where it has no points. */
    public static String lines(RecordWriter.Batch batch) {
        StringBuilder lines = new StringBuilder();
        for (Point point : batch.points()) {
            Map<String, String> tags = new TreeMap<>(batch.end().getTagsMap());
            tags.putAll(point.getTagsMap());
            String line = line(batch.end().getName(), tags, point);
            if (line != null) {
                if (!lines.isEmpty()) {
                    lines.append('\n');
                }
                lines.append(line);
            }
        }
        return lines.toString();
    }

    private static final class Writer implements RecordWriter<String> {
        private static final long serialVersionUID = 1;

        @Override
        public void point(Point point, Collector<String> out) {
            String line = line(point);
            if (line != null) {
                out.collect(line);
            }
        }

        @Override
        public void batch(Batch batch, Collector<String> out) {
            String lines = lines(batch);
            if (!lines.isEmpty()) {
                out.collect(lines);
            }
        }

        @Override
        public TypeInformation<String> type() {
            return Types.STRING;
        }
    }

    private static String line(String name, Map<String, String> tags, Point point) {
        if (!isWritable(name) || name.charAt(0) == '#' || name.charAt(0) == '\t') {
            return null;
        }
        StringBuilder line = new StringBuilder(96);
        escape(line, name, ", ");
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            if (isWritable(tag.getKey()) && isWritable(tag.getValue())) {
                line.append(',');
                escape(line, tag.getKey(), ", =");
                line.append('=');
                escape(line, tag.getValue(), ", =");
            }
        }
        int start = line.length();
        point.getFieldsDoubleMap().forEach((key, value) -> {
            if (Double.isFinite(value) && key(line, start, key)) {
                number(line, value);
            }
        });
        point.getFieldsIntMap().forEach((key, value) -> {
            if (key(line, start, key)) {
                line.append(value).append('i');
            }
        });
        point.getFieldsStringMap().forEach((key, value) -> {
            if (key(line, start, key)) {
                line.append('"');
                escape(line, value, "\"\\");
                line.append('"');
            }
        });
        point.getFieldsBoolMap().forEach((key, value) -> {
            if (key(line, start, key)) {
                line.append(value);
            }
        });
        return line.length() == start ? null : line.append(' ').append(point.getTime()).toString();
    }

    /** Begins a field; returns false where its key cannot be written. */
    private static boolean key(StringBuilder line, int start, String key) {
        if (!isWritable(key) || key.charAt(0) == '\t') {
            return false;
        }
        line.append(line.length() == start ? ' ' : ',');
        escape(line, key.replace("\\\"", "\\\\\""), ", =");
        line.append('=');
        return true;
    }

    /** Whole numbers without a point, up to where all of them are floats; zero may have a sign. */
    private static void number(StringBuilder line, double value) {
        if (value == Math.rint(value) && Math.abs(value) <= 1L << 53 && value != 0) {
            line.append((long) value);
        } else {
            String digits = Double.toString(value);
            line.append(digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits);
        }
    }

    private static boolean isWritable(String text) {
        return !text.isEmpty() && text.indexOf('\n') < 0 && text.charAt(text.length() - 1) != '\\';
    }

    private static void escape(StringBuilder line, String text, String special) {
        for (int at = 0; at < text.length(); at++) {
            char next = text.charAt(at);
            if (special.indexOf(next) >= 0) {
                line.append('\\');
            }
            line.append(next);
        }
    }
}
