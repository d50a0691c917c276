package kapacitor.udf.flink.support;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import kapacitor.udf.flink.Points;

/** Line protocol as texts that are equal where the points are. */
public final class Lines {
    private Lines() {}

    /** One text for each point, sorted: the order of tags, fields and points and the spelling do not count. */
    public static List<String> comparable(Collection<String> lines) {
        List<String> texts = new ArrayList<>();
        for (String line : lines) {
            for (agent.Udf.Point point : Points.read(line)) {
                TreeMap<String, String> fields = new TreeMap<>();
                point.getFieldsDoubleMap().forEach((key, value) -> fields.put(key, "double " + value));
                point.getFieldsIntMap().forEach((key, value) -> fields.put(key, "int " + value));
                point.getFieldsStringMap().forEach((key, value) -> fields.put(key, "string " + value));
                point.getFieldsBoolMap().forEach((key, value) -> fields.put(key, "bool " + value));
                texts.add(point.getTime() + " " + point.getName() + " " + new TreeMap<>(point.getTagsMap()) + " " + fields);
            }
        }
        Collections.sort(texts);
        return texts;
    }

    /** Fails with the first difference: whole lists of many thousands would not be readable. */
    public static void assertSame(String what, List<String> expected, List<String> found) {
        if (expected.equals(found)) {
            return;
        }
        List<String> missing = without(expected, found);
        List<String> surplus = without(found, expected);
        throw new AssertionError(what + ": expected " + expected.size() + " points, found " + found.size() + "; "
                + missing.size() + " are missing: " + head(missing) + "; "
                + surplus.size() + " are wrong or doubled: " + head(surplus));
    }

    private static List<String> without(List<String> of, List<String> others) {
        java.util.Map<String, Integer> left = new java.util.HashMap<>();
        others.forEach(text -> left.merge(text, 1, Integer::sum));
        List<String> rest = new ArrayList<>();
        for (String text : of) {
            if (left.merge(text, -1, Integer::sum) < 0) {
                rest.add(text);
            }
        }
        return rest;
    }

    private static List<String> head(List<String> texts) {
        return texts.subList(0, Math.min(3, texts.size()));
    }
}
