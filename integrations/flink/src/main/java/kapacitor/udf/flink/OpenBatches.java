package kapacitor.udf.flink;

import agent.Udf.BeginBatch;
import agent.Udf.EndBatch;
import agent.Udf.Point;
import agent.Udf.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The batches of one shard that gather, one for each group and name.
 *
 * <p>A batch spans a period of the points' own time, or all of the input. It ends when a point of a later
 * period comes, when a watermark has passed its period, or with the input. A point that comes late
 * belongs to the batch that is open.
 */
final class OpenBatches {
    private final long period;
    private final Map<Key, Gathered> open = new HashMap<>();
    private long begun;
    /** Whether something has changed since {@link #save}. */
    private boolean isChanged;

    private record Key(String name, String group) {}

    private static final class Gathered {
        long number;
        long start;
        long latest;
        /** Frames, each of a point. */
        final List<byte[]> points = new ArrayList<>();
    }

    /** @param period what a batch spans; null where it ends with the input alone */
    OpenBatches(Duration period) {
        this.period = period == null ? 0 : period.toNanos();
    }

    /** Takes a point up; returns the frames of the batch that it ends, if any. */
    List<byte[]> add(byte[] frame) throws IOException {
        Point point = Frames.request(frame).getPoint();
        isChanged = true;
        long start = period == 0 ? 0 : point.getTime() - Math.floorMod(point.getTime(), period);
        Key key = new Key(point.getName(), point.getGroup());
        Gathered batch = open.get(key);
        List<byte[]> ended = List.of();
        if (batch != null && batch.start < start) {
            ended = frames(batch);
            batch = null;
        }
        if (batch == null) {
            batch = new Gathered();
            batch.number = ++begun;
            batch.start = start;
            batch.latest = point.getTime();
            open.put(key, batch);
        }
        batch.latest = Math.max(batch.latest, point.getTime());
        batch.points.add(frame);
        return ended;
    }

    /** Ends the batches of which nothing can come any more, in the order in which they began. */
    List<byte[]> endUntil(long nanoseconds) throws IOException {
        return period == 0 ? List.of() : end(batch -> batch.start + period <= nanoseconds);
    }

    List<byte[]> endAll() throws IOException {
        return end(batch -> true);
    }

    private List<byte[]> end(Predicate<Gathered> which) throws IOException {
        List<Gathered> ended = new ArrayList<>(open.values());
        ended.removeIf(which.negate());
        if (ended.isEmpty()) {
            return List.of();
        }
        open.values().removeIf(which);
        isChanged = true;
        ended.sort(Comparator.comparingLong(batch -> batch.number));
        List<byte[]> frames = new ArrayList<>();
        for (Gathered batch : ended) {
            frames.addAll(frames(batch));
        }
        return frames;
    }

    /** A batch as Kapacitor sends it: name and dimensions are the batch's, a point has the rest. */
    private List<byte[]> frames(Gathered batch) throws IOException {
        List<Point> points = new ArrayList<>(batch.points.size());
        for (byte[] frame : batch.points) {
            points.add(Frames.request(frame).getPoint());
        }
        points.sort(Comparator.comparingLong(Point::getTime));
        Point first = points.get(0);
        BeginBatch.Builder begin =
                BeginBatch.newBuilder()
                        .setName(first.getName())
                        .setGroup(first.getGroup())
                        .setByName(first.getByName())
                        .setSize(points.size());
        for (String dimension : first.getDimensionsList()) {
            begin.putTags(dimension, first.getTagsOrDefault(dimension, ""));
        }
        List<byte[]> frames = new ArrayList<>(points.size() + 2);
        frames.add(Frames.of(Request.newBuilder().setBegin(begin).build()));
        for (Point point : points) {
            Point.Builder sent = point.toBuilder().clearName().clearDimensions().clearByName();
            frames.add(Frames.of(Request.newBuilder().setPoint(sent).build()));
        }
        EndBatch.Builder end =
                EndBatch.newBuilder()
                        .setName(begin.getName())
                        .setGroup(begin.getGroup())
                        .setByName(begin.getByName())
                        .setTmax(period == 0 ? batch.latest : batch.start + period)
                        .putAllTags(begin.getTagsMap());
        frames.add(Frames.of(Request.newBuilder().setEnd(end).build()));
        return frames;
    }

    boolean isChanged() {
        return isChanged;
    }

    /** All open batches, for a checkpoint. */
    byte[] save() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(begun);
        out.writeInt(open.size());
        for (Map.Entry<Key, Gathered> entry : open.entrySet()) {
            Gathered batch = entry.getValue();
            out.writeLong(batch.number);
            out.writeLong(batch.start);
            out.writeLong(batch.latest);
            out.writeInt(batch.points.size());
            for (byte[] point : batch.points) {
                out.writeInt(point.length);
                out.write(point);
            }
        }
        isChanged = false;
        return bytes.toByteArray();
    }

    /** Takes up what {@link #save} has returned. */
    void restore(byte[] saved) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved));
        begun = in.readLong();
        for (int batches = in.readInt(); batches > 0; batches--) {
            Gathered batch = new Gathered();
            batch.number = in.readLong();
            batch.start = in.readLong();
            batch.latest = in.readLong();
            for (int points = in.readInt(); points > 0; points--) {
                byte[] point = new byte[in.readInt()];
                in.readFully(point);
                batch.points.add(point);
            }
            Point first = Frames.request(batch.points.get(0)).getPoint();
            open.put(new Key(first.getName(), first.getGroup()), batch);
        }
    }
}
