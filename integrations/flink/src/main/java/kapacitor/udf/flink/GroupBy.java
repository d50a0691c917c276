package kapacitor.udf.flink;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * What points are grouped by.
 *
 * @param tags the names of the tags, sorted; null for all the tags that a point has
 * @param byName whether the point's name counts, too
 */
record GroupBy(List<String> tags, boolean byName) implements Serializable {
    /** Groups by tags; {@code "*"} alone stands for all of them. */
    static GroupBy tags(boolean byName, String... tags) {
        if (tags.length == 1 && tags[0].equals("*")) {
            return new GroupBy(null, byName);
        }
        for (String tag : tags) {
            if (tag.isEmpty() || tag.equals("*")) {
                throw new IllegalArgumentException(
                        "group by: expected names of tags or '*' alone, found " + Arrays.toString(tags));
            }
        }
        return new GroupBy(List.copyOf(new TreeSet<>(List.of(tags))), byName);
    }
}
