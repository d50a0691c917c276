package kapacitor.udf.flink;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** Reads line protocol. */
final class LineParser {
    private final String text;
    private final long unit;
    private int lineStart;
    private int at;
    /** Whether the text that was read last has a backslash. */
    private boolean hasEscape;

    private LineParser(String text, long unit) {
        this.text = text;
        this.unit = unit;
    }

    /** Reads all lines of a text. Of one that is bad the good ones are sent all the same. */
    static void read(String text, long unit, PointBuilder points) throws BadRecordException {
        LineParser parser = new LineParser(text, unit);
        BadRecordException bad = null;
        while (parser.at < text.length()) {
            try {
                parser.lineStart = parser.at;
                parser.line(points);
                if (parser.peek() == '\r') {
                    parser.at++;
                }
            } catch (BadRecordException error) {
                bad = bad == null ? error : bad;
                int end = text.indexOf('\n', parser.at);
                parser.at = end < 0 ? text.length() : end;
            }
            parser.at++;
        }
        if (bad != null) {
            throw bad;
        }
    }

    private void line(PointBuilder points) throws BadRecordException {
        blanks();
        if (isAtBreak()) {
            return;
        }
        if (peek() == '#') {
            int end = text.indexOf('\n', at);
            at = end < 0 ? text.length() : end;
            return;
        }
        if (peek() == ',') {
            throw bad("the name is missing");
        }
        points.name(word(", \n", ", "));
        tags(points);
        blanks();
        if (isAtBreak()) {
            throw bad("no fields: after name and tags comes a space and at least one key=value");
        }
        field(points);
        while (peek() == ',') {
            at++;
            field(points);
        }
        points.time(time());
        points.send();
    }

    private void tags(PointBuilder points) throws BadRecordException {
        Set<String> seen = null;
        String first = null;
        while (peek() == ',') {
            at++;
            String key = word(",= \n", ",= ");
            if (key.isEmpty() || peek() != '=') {
                throw bad("expected a tag, as key=value");
            }
            if (first == null) {
                first = key;
            } else {
                if (seen == null) {
                    seen = new HashSet<>();
                    seen.add(first);
                }
                if (!seen.add(key)) {
                    throw bad("tag " + key + " comes twice");
                }
            }
            at++;
            String value = word(",= \n", ",= ");
            if (value.isEmpty() || (peek() != ',' && peek() != ' ')) {
                throw bad("expected a value of the tag " + key + ", and fields behind a space");
            }
            points.tag(key, value);
        }
    }

    private void field(PointBuilder points) throws BadRecordException {
        String key = word(",= \n", ",= \"");
        if (key.isEmpty() || peek() != '=') {
            throw bad("expected a field, as key=value");
        }
        at++;
        char first = peek();
        if (first == '"') {
            points.field(key, string());
        } else {
            int start = at;
            while (at < text.length() && peek() != ',' && peek() != ' ' && peek() != '\t' && !isAtBreak()) {
                at++;
            }
            value(points, key, text.substring(start, at), start);
        }
        if (peek() != ',' && peek() != ' ' && peek() != '\t' && !isAtBreak()) {
            throw bad("expected a comma or a space after the value of the field " + key);
        }
    }

    private void value(PointBuilder points, String key, String value, int start) throws BadRecordException {
        switch (value) {
            case "t", "T", "true", "True", "TRUE" -> points.field(key, true);
            case "f", "F", "false", "False", "FALSE" -> points.field(key, false);
            default -> {
                try {
                    number(points, key, value);
                } catch (NumberFormatException none) {
                    at = start;
                    throw bad("expected a float (1.5), an integer (1i), a boolean or a string in double quotes,"
                            + " found " + value);
                }
            }
        }
    }

    private static void number(PointBuilder points, String key, String value) {
        char first = value.isEmpty() ? 0 : value.charAt(0);
        if (first != '-' && first != '.' && (first < '0' || first > '9')) {
            throw new NumberFormatException();
        }
        char last = value.charAt(value.length() - 1);
        if (last == 'i' || last == 'u') {
            long number = Long.parseLong(value.substring(0, value.length() - 1));
            if (last == 'u' && first == '-') {
                throw new NumberFormatException();
            }
            points.field(key, number);
            return;
        }
        // What Java takes besides: 1d, 1f, 0x1p3.
        if (last != '.' && (last < '0' || last > '9') || value.indexOf('x') >= 0 || value.indexOf('X') >= 0) {
            throw new NumberFormatException();
        }
        double number = Double.parseDouble(value);
        if (!Double.isFinite(number)) {
            throw new NumberFormatException();
        }
        points.field(key, number);
    }

    private String string() throws BadRecordException {
        int opened = at++;
        int start = at;
        boolean escaped = false;
        while (at < text.length()) {
            char next = text.charAt(at);
            if (next == '"') {
                String raw = text.substring(start, at++);
                return escaped ? unescape(raw, "\"\\") : raw;
            }
            if (next == '\\' && at + 1 < text.length()) {
                escaped = true;
                at++;
            }
            at++;
        }
        at = opened;
        throw bad("the string that begins here is not closed");
    }

    private long time() throws BadRecordException {
        blanks();
        if (isAtBreak()) {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000_000 + now.getNano();
        }
        int start = at;
        while (at < text.length() && peek() != ' ' && peek() != '\t' && !isAtBreak()) {
            at++;
        }
        String time = text.substring(start, at);
        blanks();
        if (!isAtBreak()) {
            throw bad("expected the end of the line after the time");
        }
        try {
            return Math.multiplyExact(Long.parseLong(time), unit);
        } catch (NumberFormatException | ArithmeticException none) {
            at = start;
            throw bad("expected a time, a whole number since the epoch, found " + time);
        }
    }

    /** Reads up to one of the characters that end it, and resolves the escapes. */
    private String word(String ends, String escapes) {
        int start = at;
        hasEscape = false;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            if (text.charAt(at) == '\\' && at + 1 < text.length() && escapes.indexOf(text.charAt(at + 1)) >= 0) {
                hasEscape = true;
                at++;
            }
            at++;
        }
        String raw = text.substring(start, at);
        return hasEscape ? unescape(raw, escapes) : raw;
    }

    private static String unescape(String raw, String escapes) {
        StringBuilder plain = new StringBuilder(raw.length());
        for (int at = 0; at < raw.length(); at++) {
            char next = raw.charAt(at);
            if (next == '\\' && at + 1 < raw.length() && escapes.indexOf(raw.charAt(at + 1)) >= 0) {
                next = raw.charAt(++at);
            }
            plain.append(next);
        }
        return plain.toString();
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void blanks() {
        while (peek() == ' ' || peek() == '\t') {
            at++;
        }
    }

    /** Whether the line ends here: at its {@code \n} or {@code \r\n}, or with the text. */
    private boolean isAtBreak() {
        int end = peek() == '\r' ? at + 1 : at;
        return end >= text.length() || text.charAt(end) == '\n';
    }

    private BadRecordException bad(String what) {
        return new BadRecordException("column " + (at - lineStart + 1) + ": " + what);
    }
}
