package kapacitor.udf.flink;

import java.util.Arrays;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Which shard a group belongs to, and which key Flink knows the shard by.
 *
 * <p>With as many key groups as shards and one key in each, every shard can move to another subtask
 * by itself, and no key group is empty.
 */
final class Shards {
    private Shards() {}

    /**
     * The shard of a group: its FNV-1a hash modulo the number of shards. Savepoints depend on it.
     */
    static int of(byte[] group, int length, int shards) {
        long hash = 0xcbf29ce484222325L;
        for (int at = 0; at < length; at++) {
            hash ^= group[at] & 0xff;
            hash *= 0x100000001b3L;
        }
        return (int) Long.remainderUnsigned(hash, shards);
    }

    /** For each shard the smallest key that lies in the key group of the shard's number. */
    static int[] keys(int shards) {
        int[] keys = new int[shards];
        Arrays.fill(keys, -1);
        int left = shards;
        for (int key = 0; left > 0; key++) {
            int group = KeyGroupRangeAssignment.assignToKeyGroup(key, shards);
            if (keys[group] < 0) {
                keys[group] = key;
                left--;
            }
        }
        return keys;
    }

    /** Gives Flink the key of a record's shard. */
    static final class Selector implements KeySelector<Tuple2<Integer, byte[]>, Integer> {
        private static final long serialVersionUID = 1;
        private final int[] keys;

        Selector(int shards) {
            keys = keys(shards);
        }

        @Override
        public Integer getKey(Tuple2<Integer, byte[]> record) {
            return keys[record.f0];
        }
    }
}
