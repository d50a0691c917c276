package kapacitor.udf.flink;

import agent.Udf.Point;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/**
 * Flink's rows, with named columns: a time, tags and fields.
 *
 * <pre>{@code
 * udf.apply(rows,
 *         Rows.reader("cpu", "time", List.of("host"), List.of("usage_user")),
 *         Rows.writer("time").tag("host").field("avg", Types.DOUBLE).points());
 * }</pre>
 *
 * A time is an {@link Instant} or a {@code Long} of nanoseconds since the epoch. A null is an absent tag or field.
 */
public final class Rows {
    private Rows() {}

    /** Reads rows of one measurement. */
    public static PointReader<Row> reader(String measurement, String time, List<String> tags, List<String> fields) {
        List<String> ownTags = List.copyOf(tags);
        List<String> ownFields = List.copyOf(fields);
        return (row, points) -> {
            points.name(measurement).time(nanoseconds(time, row.getField(time)));
            for (String tag : ownTags) {
                Object value = row.getField(tag);
                if (value != null) {
                    points.tag(tag, value.toString());
                }
            }
            int found = 0;
            for (String field : ownFields) {
                Object value = row.getField(field);
                if (value != null) {
                    found++;
                    field(points, field, value);
                }
            }
            if (found == 0) {
                throw new BadRecordException("expected a field, found a null in each of " + ownFields);
            }
            points.send();
        };
    }

    private static long nanoseconds(String column, Object time) throws BadRecordException {
        if (time instanceof Instant instant) {
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000), instant.getNano());
        }
        if (time instanceof Long nanoseconds) {
            return nanoseconds;
        }
        throw new BadRecordException("column " + column + ": expected an Instant or a Long, found " + shown(time));
    }

    private static void field(PointBuilder points, String key, Object value) throws BadRecordException {
        if (value instanceof Double || value instanceof Float || value instanceof BigDecimal) {
            points.field(key, ((Number) value).doubleValue());
        } else if (value instanceof Number number) {
            points.field(key, number.longValue());
        } else if (value instanceof Boolean bool) {
            points.field(key, bool.booleanValue());
        } else if (value instanceof String text) {
            points.field(key, text);
        } else {
            throw new BadRecordException(
                    "column " + key + ": expected a number, a boolean or a string, found " + shown(value));
        }
    }

    private static String shown(Object value) {
        return value == null ? "null" : value.getClass().getSimpleName() + " " + value;
    }

    /** Begins a writer of rows, whose first column is the time, an {@link Instant}. */
    public static Columns writer(String time) {
        return new Columns(time);
    }

    /** The columns of rows that are written. A point that lacks one, or has another type there, has a null. */
    public static final class Columns {
        private final List<String> names = new ArrayList<>();
        private final List<TypeInformation<?>> types = new ArrayList<>();
        private int tags;

        private Columns(String time) {
            add(time, Types.INSTANT);
        }

        private void add(String name, TypeInformation<?> type) {
            names.add(name);
            types.add(type);
        }

        /** Adds the column of a tag. Tags come before fields. */
        public Columns tag(String name) {
            if (names.size() > 1 + tags) {
                throw new IllegalStateException("expected the tag " + name + " before the fields");
            }
            tags++;
            add(name, Types.STRING);
            return this;
        }

        /** Adds the column of a field: a DOUBLE, LONG, BOOLEAN or STRING of {@link Types}. */
        public Columns field(String name, TypeInformation<?> type) {
            if (!List.of(Types.DOUBLE, Types.LONG, Types.BOOLEAN, Types.STRING).contains(type)) {
                throw new IllegalArgumentException(
                        "field " + name + ": expected DOUBLE, LONG, BOOLEAN or STRING, found " + type);
            }
            add(name, type);
            return this;
        }

        /** A writer of a row for each point, also for each of a batch. */
        public RecordWriter<Row> points() {
            return new PointWriter(List.copyOf(names), List.copyOf(types), tags);
        }

        /**
         * A writer of a row for each batch: {@code name}, {@code tmax} and {@code points}, an array of rows with
         * these columns.
         */
        public RecordWriter<Row> batches() {
            return new BatchWriter(new PointWriter(List.copyOf(names), List.copyOf(types), tags));
        }
    }

    private static final class PointWriter implements RecordWriter<Row> {
        private static final long serialVersionUID = 1;
        private final List<String> names;
        private final List<TypeInformation<?>> types;
        private final int tags;

        PointWriter(List<String> names, List<TypeInformation<?>> types, int tags) {
            this.names = names;
            this.types = types;
            this.tags = tags;
        }

        @Override
        public void point(Point point, Collector<Row> out) {
            out.collect(row(point, null));
        }

        @Override
        public void batch(Batch batch, Collector<Row> out) {
            batch.points().forEach(point -> out.collect(row(point, batch)));
        }

        Row row(Point point, Batch batch) {
            Row row = new Row(names.size());
            row.setField(0, instant(point.getTime()));
            for (int at = 1; at < names.size(); at++) {
                String name = names.get(at);
                row.setField(at, at <= tags ? tag(name, point, batch) : field(name, types.get(at), point));
            }
            return row;
        }

        private static String tag(String name, Point point, Batch batch) {
            String own = point.getTagsOrDefault(name, null);
            return own != null || batch == null ? own : batch.end().getTagsOrDefault(name, null);
        }

        private static Object field(String name, TypeInformation<?> type, Point point) {
            if (type.equals(Types.DOUBLE)) {
                Double value = point.getFieldsDoubleMap().get(name);
                Long whole = value == null ? point.getFieldsIntMap().get(name) : null;
                return whole == null ? value : Double.valueOf(whole);
            }
            if (type.equals(Types.LONG)) {
                return point.getFieldsIntMap().get(name);
            }
            return type.equals(Types.BOOLEAN)
                    ? point.getFieldsBoolMap().get(name)
                    : point.getFieldsStringMap().get(name);
        }

        @Override
        public TypeInformation<Row> type() {
            return Types.ROW_NAMED(names.toArray(new String[0]), types.toArray(new TypeInformation<?>[0]));
        }
    }

    private static Instant instant(long nanoseconds) {
        return Instant.ofEpochSecond(
                Math.floorDiv(nanoseconds, 1_000_000_000L), Math.floorMod(nanoseconds, 1_000_000_000L));
    }

    private static final class BatchWriter implements RecordWriter<Row> {
        private static final long serialVersionUID = 1;
        private final PointWriter points;

        BatchWriter(PointWriter points) {
            this.points = points;
        }

        @Override
        public void point(Point point, Collector<Row> out) {
            throw new IllegalStateException("expected a UDF that provides batches, found a point of a stream");
        }

        @Override
        public void batch(Batch batch, Collector<Row> out) {
            Row[] rows = batch.points().stream().map(point -> points.row(point, batch)).toArray(Row[]::new);
            out.collect(Row.of(batch.end().getName(), instant(batch.end().getTmax()), rows));
        }

        @Override
        public TypeInformation<Row> type() {
            return Types.ROW_NAMED(
                    new String[] {"name", "tmax", "points"},
                    Types.STRING,
                    Types.INSTANT,
                    Types.OBJECT_ARRAY(points.type()));
        }
    }
}
