package kapacitor.udf.flink;

import agent.Udf.EdgeType;
import agent.Udf.InfoResponse;
import agent.Udf.InitRequest;
import agent.Udf.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * A UDF as an operator: a session for each shard of the subtask, whose snapshots are keyed state.
 *
 * <p>In a record, the first part is the shard and the second the frame of a point. Before a barrier
 * passes, each shard with input since its last snapshot is asked for one. The UDF answers in order, so what
 * comes before the answer is output of this checkpoint, and no input is left within the UDF.
 */
class UdfOperator extends AbstractStreamOperator<byte[]>
        implements OneInputStreamOperator<Tuple2<Integer, byte[]>, byte[]>, BoundedOneInput {
    private static final long serialVersionUID = 1;
    private static final String SNAPSHOTS = "udf-snapshot";
    /** Milliseconds that a point may wait for others to be written with it. */
    private static final long GATHER_MS = 5;
    /** A session that keeps less than this waiting gets more input. */
    private static final long WAITING_BYTES = 16 << 20;
    /** The number that settles a snapshot of an agent that answers out of order. */
    private static final long SETTLED = Long.MIN_VALUE;

    private final UdfSettings settings;
    private final transient MailboxExecutor mailbox;

    /** A shard and its session. */
    private static final class Shard {
        final int number;
        final int key;
        /** Null before {@link #start} and after the end of the input. The watch reads it. */
        volatile Session session;
        OpenBatches batches;
        /** What the session goes on from; null for a fresh state. */
        byte[] snapshot;
        /** The UDF answers with an empty snapshot, as one without state does. */
        boolean isStateless;
        /** Input or output since the last snapshot. */
        boolean isDirty;
        /** Input since the last number that was sent for a watermark. */
        boolean isUnmarked;
        /** A snapshot was asked for, and is not yet complete. */
        boolean isAsked;
        boolean isEnded;
        /** Of the latest snapshot. */
        volatile long snapshotBytes;

        Shard(int number, int key) {
            this.number = number;
            this.key = key;
        }
    }

    /** By number, all of this subtask. */
    private transient Map<Integer, Shard> shards;
    private transient ValueState<byte[]> snapshots;
    private transient ValueState<byte[]> openBatches;
    private transient HeldWatermarks watermarks;
    private transient UdfMetrics metrics;
    private transient UdfServer server;
    private transient ScheduledExecutorService watch;
    private transient InitRequest init;
    private transient boolean wantsBatches;
    private transient boolean flushIsDue;
    private transient StreamRecord<byte[]> record;

    UdfOperator(StreamOperatorParameters<byte[]> parameters, UdfSettings settings) {
        super(parameters);
        this.settings = settings;
        mailbox = parameters.getMailboxExecutor();
    }

    // Begin

    @Override
    public void open() throws Exception {
        super.open();
        record = new StreamRecord<>(null);
        watermarks = new HeldWatermarks();
        shards = new LinkedHashMap<>();
        snapshots = bytesState(SNAPSHOTS);
        openBatches = bytesState("udf-open-batches");

        int[] keys = Shards.keys(settings.shards());
        TaskInfo task = getRuntimeContext().getTaskInfo();
        KeyGroupRange range = KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
                settings.shards(), task.getNumberOfParallelSubtasks(), task.getIndexOfThisSubtask());
        for (int number : range) {
            shards.put(number, new Shard(number, keys[number]));
        }
        restore();
        metrics = new UdfMetrics(
                getMetricGroup(),
                () -> sum(Session::waitingBytes),
                () -> TimeUnit.NANOSECONDS.toMillis(sum(Session::waitedNanos)),
                () -> shards.values().stream().mapToLong(shard -> shard.snapshotBytes).sum(),
                () -> UdfServer.restarts(settings));
        watch = Executors.newSingleThreadScheduledExecutor(UdfOperator::watchThread);
        long every = Math.max(10, settings.timeout().toMillis() / 4);
        watch.scheduleWithFixedDelay(this::watchSessions, every, every, TimeUnit.MILLISECONDS);

        try {
            server = UdfServer.acquire(settings);
            for (Shard shard : shards.values()) {
                if (!shard.isEnded) {
                    start(shard);
                }
            }
        } catch (UdfException.Refused refused) {
            throw new SuppressRestartsException(refused);
        }
        scheduleKeepalive();
    }

    private ValueState<byte[]> bytesState(String name) throws Exception {
        var type = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
        return getPartitionedState(new ValueStateDescriptor<>(name, type));
    }

    private static Thread watchThread(Runnable work) {
        Thread thread = new Thread(work, "udf-watch");
        thread.setDaemon(true);
        return thread;
    }

    /** Reads the snapshots of the checkpoint that the job goes on from. */
    private void restore() throws Exception {
        List<Integer> keys = new ArrayList<>();
        try (var all = getKeyedStateBackend().<VoidNamespace>getKeys(SNAPSHOTS, VoidNamespace.INSTANCE)) {
            all.forEach(key -> keys.add((Integer) key));
        }
        Map<Integer, Shard> byKey = new LinkedHashMap<>();
        shards.values().forEach(shard -> byKey.put(shard.key, shard));
        for (Integer key : keys) {
            setCurrentKey(key);
            byte[] saved = snapshots.value();
            Shard shard = byKey.get(key);
            shard.isEnded = saved[0] != 0;
            shard.snapshot = Arrays.copyOfRange(saved, 1, saved.length);
            shard.isStateless = shard.snapshot.length == 0;
            shard.snapshotBytes = shard.snapshot.length;
        }
    }

    /** Connects a shard and brings its UDF to where it was. */
    private void start(Shard shard) throws Exception {
        Connection connection =
                server == null ? new ChildConnection(settings) : new SocketConnection(server, server.connect());
        shard.session = new Session(settings, shard.number, connection, () -> hasArrived(shard));
        shard.isEnded = false;
        if (init == null) {
            begin(shard.session.info());
        }
        shard.session.init(init);
        if (shard.snapshot != null && shard.snapshot.length > 0) {
            shard.session.restore(shard.snapshot);
        }
        if (shard.snapshot == null) {
            // Later, an empty answer of a UDF with state is a failure.
            shard.isStateless = shard.session.snapshot().length == 0;
        }
        shard.snapshot = null;
        if (wantsBatches) {
            shard.batches = new OpenBatches(settings.period());
            setCurrentKey(shard.key);
            byte[] saved = openBatches.value();
            if (saved != null) {
                shard.batches.restore(saved);
            }
        }
    }

    /** Types the options by what the UDF says of itself. */
    private void begin(InfoResponse info) throws UdfException {
        wantsBatches = info.getWants() == EdgeType.BATCH;
        if (settings.period() != null && !wantsBatches) {
            throw new UdfException.Refused(
                    "a period is for a UDF that wants batches; " + settings.name() + " wants a stream");
        }
        init = InitRequest.newBuilder()
                .addAllOptions(TickOptions.parse(settings.options()).typed(info.getOptionsMap()))
                .setTaskID("flink")
                .setNodeID(settings.name())
                .build();
    }

    // Input

    @Override
    public void processElement(StreamRecord<Tuple2<Integer, byte[]>> element) throws Exception {
        Shard shard = shards.get(element.getValue().f0);
        if (shard.session == null) {
            // Its input had ended, and goes on in this run.
            start(shard);
        }
        metrics.pointsIn.inc();
        byte[] point = element.getValue().f1;
        if (!wantsBatches) {
            send(shard, point);
        } else {
            for (byte[] frame : shard.batches.add(point)) {
                send(shard, frame);
            }
        }
    }

    private void send(Shard shard, byte[] frame) throws Exception {
        shard.isDirty = true;
        shard.isUnmarked = true;
        if (shard.session.waitingBytes() > WAITING_BYTES) {
            emitArrived(shard);
        }
        shard.session.send(frame);
        if (!flushIsDue) {
            flushIsDue = true;
            var timer = getProcessingTimeService();
            timer.registerTimer(timer.getCurrentProcessingTime() + GATHER_MS, time -> flush());
        }
    }

    private void flush() throws IOException {
        flushIsDue = false;
        for (Shard shard : shards.values()) {
            if (shard.session != null) {
                shard.session.flush();
            }
        }
    }

    // Output

    /** Posts one mail for all that has arrived. The session's own thread calls it. */
    private void hasArrived(Shard shard) {
        try {
            mailbox.execute(() -> emitArrived(shard), "what the UDF of shard %s has sent", shard.number);
        } catch (RejectedExecutionException closed) {
            // The task has ended.
        }
    }

    private void emitArrived(Shard shard) throws Exception {
        while (shard.session != null) {
            Object next = shard.session.poll();
            if (next == null) {
                return;
            }
            handle(shard, next);
        }
    }

    private void handle(Shard shard, Object arrived) throws Exception {
        if (arrived instanceof byte[] data) {
            shard.isDirty = true;
            metrics.recordsOut.inc();
            record.replace(data, Math.floorDiv(Frames.time(data), 1_000_000));
            output.collect(record);
        } else if (arrived instanceof Response response) {
            switch (response.getMessageCase()) {
                case KEEPALIVE -> {
                    long number = response.getKeepalive().getTime();
                    if (number == SETTLED) {
                        complete(shard);
                    } else if (number < 0) {
                        watermarks.returned(number);
                    }
                }
                case SNAPSHOT -> keep(shard, response.getSnapshot().getSnapshot().toByteArray());
                case ERROR -> throw shard.session.failed(response.getError());
                default -> throw new UdfException("the UDF sent an answer that was not asked for: "
                        + response.getMessageCase());
            }
        } else {
            String reason = ((Session.Ended) arrived).reason();
            if (reason != null) {
                throw new UdfException(reason);
            }
            shard.session.close();
            shard.session = null;
            shard.isEnded = true;
        }
    }

    // Checkpoints

    @Override
    public void prepareSnapshotPreBarrier(long checkpoint) throws Exception {
        snapshotDirty(false);
    }

    private void snapshotDirty(boolean atTheEnd) throws Exception {
        long before = System.nanoTime();
        boolean isAny = false;
        for (Shard shard : shards.values()) {
            if (shard.session != null && (shard.isDirty || atTheEnd)) {
                isAny = true;
                shard.isAsked = true;
                shard.isDirty = false;
                shard.session.askSnapshot();
            }
        }
        for (Shard shard : shards.values()) {
            while (shard.isAsked) {
                handle(shard, shard.session.take());
            }
            if (shard.batches != null && shard.batches.isChanged()) {
                setCurrentKey(shard.key);
                openBatches.update(shard.batches.save());
            }
        }
        if (isAny) {
            metrics.snapshotMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
        }
    }

    private void keep(Shard shard, byte[] snapshot) throws Exception {
        if (!shard.isAsked) {
            throw new UdfException("the UDF sent a snapshot that was not asked for");
        }
        if (snapshot.length == 0 && !shard.isStateless) {
            throw new UdfException("the UDF of shard " + shard.number
                    + " answered with an empty snapshot, though it has state; its log says why");
        }
        shard.snapshotBytes = snapshot.length;
        // The first byte says whether the input has ended.
        byte[] saved = new byte[1 + snapshot.length];
        System.arraycopy(snapshot, 0, saved, 1, snapshot.length);
        setCurrentKey(shard.key);
        snapshots.update(saved);
        if (server == null) {
            // The official Go agent's answer may overtake the point before it, which another turn brings.
            shard.session.keepalive(SETTLED);
        } else {
            complete(shard);
        }
    }

    private static void complete(Shard shard) {
        shard.isAsked = false;
        // What came before this is a part of the checkpoint.
        shard.isDirty = false;
    }

    // Watermarks

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        if (mark.getTimestamp() == Watermark.MAX_WATERMARK.getTimestamp()) {
            // The end of the input follows, and with it output that must not come late.
            return;
        }
        for (Shard shard : shards.values()) {
            if (shard.batches != null) {
                for (byte[] frame : shard.batches.endUntil(nanoseconds(mark.getTimestamp()))) {
                    send(shard, frame);
                }
            }
        }
        hold(() -> super.processWatermark(mark));
    }

    private static long nanoseconds(long milliseconds) {
        return TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        hold(() -> super.processWatermarkStatus(status));
    }

    private void hold(ThrowingRunnable<Exception> pass) throws Exception {
        long number = watermarks.next();
        int asked = 0;
        for (Shard shard : shards.values()) {
            if (shard.session != null && shard.isUnmarked) {
                shard.isUnmarked = false;
                shard.session.keepalive(number);
                asked++;
            }
        }
        watermarks.hold(number, asked, pass);
    }

    // Watch

    private void scheduleKeepalive() {
        var timer = getProcessingTimeService();
        long every = Math.max(10, settings.timeout().toMillis() / 2);
        timer.registerTimer(timer.getCurrentProcessingTime() + every, time -> keepalive());
    }

    /** Asks all for a sign of life, as Kapacitor does twice in a timeout. */
    private void keepalive() throws IOException {
        for (Shard shard : shards.values()) {
            if (shard.session != null && shard.session.owesNothing()) {
                shard.session.keepalive(0);
            }
        }
        scheduleKeepalive();
    }

    private void watchSessions() {
        for (Shard shard : shards.values()) {
            Session session = shard.session;
            if (session != null) {
                session.watch();
            }
        }
    }

    private long sum(ToLongFunction<Session> what) {
        long sum = 0;
        for (Shard shard : shards.values()) {
            Session session = shard.session;
            sum += session == null ? 0 : what.applyAsLong(session);
        }
        return sum;
    }

    // End

    @Override
    public void endInput() throws Exception {
        for (Shard shard : shards.values()) {
            if (shard.batches != null) {
                for (byte[] frame : shard.batches.endAll()) {
                    send(shard, frame);
                }
            }
        }
        snapshotDirty(true);
        List<Shard> live = new ArrayList<>(shards.values());
        live.removeIf(shard -> shard.session == null);
        for (Shard shard : live) {
            shard.session.endInput();
        }
        for (Shard shard : live) {
            while (shard.session != null) {
                handle(shard, shard.session.take());
            }
            // A run that begins from here must not send the output of the end again.
            setCurrentKey(shard.key);
            byte[] saved = snapshots.value();
            saved[0] = 1;
            snapshots.update(saved);
        }
        watermarks.releaseAll();
        super.processWatermark(Watermark.MAX_WATERMARK);
    }

    @Override
    public void close() throws Exception {
        if (watch != null) {
            watch.shutdownNow();
        }
        if (shards != null) {
            for (Shard shard : shards.values()) {
                if (shard.session != null) {
                    shard.session.close();
                }
            }
        }
        if (server != null) {
            server.release();
            server = null;
        }
        super.close();
    }
}
