package kapacitor.udf.flink;

import agent.Udf.Option;
import agent.Udf.OptionInfo;
import agent.Udf.OptionValue;
import agent.Udf.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Options as a TICKscript gives them: {@code .field('usage_user').size(10).gap(10s)}.
 *
 * <p>A literal has the type that it has there: {@code 10} is an INT, {@code 10.0} a DOUBLE, {@code 10s} a
 * DURATION, {@code 'x'} a STRING, {@code TRUE} a BOOL. Where the UDF declares a DOUBLE, a whole number will do.
 */
public final class TickOptions {
    private static final Map<String, Long> UNITS =
            Map.of(
                    "w", 7L * 24 * 3600 * 1_000_000_000,
                    "d", 24L * 3600 * 1_000_000_000,
                    "h", 3600L * 1_000_000_000,
                    "m", 60L * 1_000_000_000,
                    "s", 1_000_000_000L,
                    "ms", 1_000_000L,
                    "u", 1_000L,
                    "µ", 1_000L);

    private final String text;
    private final List<Call> calls = new ArrayList<>();
    private int at;

    private record Call(String name, List<Literal> arguments) {}

    private record Literal(String text, OptionValue value) {}

    private TickOptions(String text) {
        this.text = text;
    }

    /**
     * Reads a chain of calls.
     *
     * @throws UdfException.Refused where it is none; the message says what was expected, and in which column
     */
    static TickOptions parse(String text) throws UdfException.Refused {
        TickOptions options = new TickOptions(text);
        options.blanks();
        while (options.at < text.length()) {
            options.calls.add(options.call());
            options.blanks();
        }
        return options;
    }

    /**
     * Checks that the text is a chain of calls, before a job is submitted. What the calls mean is known where
     * the UDF runs.
     *
     * @throws IllegalArgumentException where it is none; the message says what was expected
     */
    public static void check(String text) {
        try {
            parse(text);
        } catch (UdfException.Refused wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        }
    }

    /**
     * A duration as TICKscript writes it ({@code 90s}, {@code 1h30m}), in nanoseconds.
     *
     * @throws IllegalArgumentException where the text is none
     */
    public static long duration(String text) {
        try {
            TickOptions one = new TickOptions(text);
            OptionValue value = one.literal().value();
            if (one.at == text.length() && value.getType() == ValueType.DURATION) {
                return value.getDurationValue();
            }
        } catch (UdfException.Refused wrong) {
            // The message below says more of what is wanted here.
        }
        throw new IllegalArgumentException(
                "expected a duration, as 90s or 1h30m (w, d, h, m, s, ms, u), found '" + text + "'");
    }

    /**
     * The calls with their arguments typed as the UDF declares them.
     *
     * @throws UdfException.Refused with all the calls that the UDF does not declare so
     */
    List<Option> typed(Map<String, OptionInfo> declared) throws UdfException.Refused {
        List<Option> options = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Call call : calls) {
            OptionInfo info = declared.get(call.name());
            if (info == null) {
                String known =
                        declared.isEmpty() ? "it has none" : "it has " + String.join(", ", new TreeSet<>(declared.keySet()));
                problems.add("the UDF has no option \"" + call.name() + "\"; " + known);
                continue;
            }
            List<ValueType> types = info.getValueTypesList();
            Option.Builder option = Option.newBuilder().setName(call.name());
            boolean fits = types.size() == call.arguments().size();
            for (int index = 0; fits && index < types.size(); index++) {
                OptionValue value = as(types.get(index), call.arguments().get(index).value());
                fits = value.getType() == types.get(index);
                option.addValues(value);
            }
            if (fits) {
                options.add(option.build());
            } else {
                problems.add(
                        "expected ." + call.name() + names(types) + ", found ." + call.name()
                                + call.arguments().stream().map(Literal::text).collect(Collectors.joining(", ", "(", ")")));
            }
        }
        if (!problems.isEmpty()) {
            throw new UdfException.Refused("problems with the options: " + String.join("; ", problems));
        }
        return options;
    }

    private static String names(List<ValueType> types) {
        return types.stream().map(Enum::name).collect(Collectors.joining(", ", "(", ")"));
    }

    private static OptionValue as(ValueType wanted, OptionValue given) {
        if (wanted == ValueType.DOUBLE && given.getType() == ValueType.INT) {
            return OptionValue.newBuilder().setType(ValueType.DOUBLE).setDoubleValue(given.getIntValue()).build();
        }
        return given;
    }

    // The parser

    private Call call() throws UdfException.Refused {
        expect('.', "a call, as .size(10)");
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        if (start == at) {
            throw expected("the name of an option");
        }
        String name = text.substring(start, at);
        blanks();
        expect('(', "'('");
        List<Literal> arguments = new ArrayList<>();
        blanks();
        if (peek() != ')') {
            arguments.add(literal());
            blanks();
            while (peek() == ',') {
                at++;
                blanks();
                arguments.add(literal());
                blanks();
            }
        }
        expect(')', "',' or ')'");
        return new Call(name, arguments);
    }

    private Literal literal() throws UdfException.Refused {
        int start = at;
        OptionValue.Builder value = OptionValue.newBuilder();
        char next = peek();
        if (next == '\'') {
            value.setType(ValueType.STRING).setStringValue(string());
        } else if (next == '"') {
            throw expected("a string in single quotes");
        } else if (Character.isLetter(next)) {
            while (Character.isLetterOrDigit(peek())) {
                at++;
            }
            String word = text.substring(start, at);
            if (!word.equalsIgnoreCase("true") && !word.equalsIgnoreCase("false")) {
                at = start;
                throw expected("a literal, as 'text', 10, 10.0, 10s or TRUE");
            }
            value.setType(ValueType.BOOL).setBoolValue(word.equalsIgnoreCase("true"));
        } else {
            number(value);
        }
        return new Literal(text.substring(start, at), value.build());
    }

    private String string() throws UdfException.Refused {
        int opened = at++;
        StringBuilder string = new StringBuilder();
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next == '\'') {
                return string.toString();
            }
            if (next == '\\' && peek() == '\'') {
                next = text.charAt(at++);
            }
            string.append(next);
        }
        at = opened;
        throw expected("a string that is closed");
    }

    private void number(OptionValue.Builder value) throws UdfException.Refused {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int digits = at;
        digits();
        try {
            if (peek() == '.') {
                at++;
                digits();
                value.setType(ValueType.DOUBLE).setDoubleValue(Double.parseDouble(text.substring(start, at)));
            } else if (at > digits && Character.isLetter(peek())) {
                at = start;
                value.setType(ValueType.DURATION).setDurationValue(nanoseconds());
            } else {
                value.setType(ValueType.INT).setIntValue(Long.parseLong(text.substring(start, at)));
            }
        } catch (NumberFormatException | ArithmeticException wrong) {
            at = start;
            throw expected("a literal, as 'text', 10, 10.0, 10s or TRUE");
        }
    }

    private long nanoseconds() {
        boolean negative = peek() == '-';
        if (negative) {
            at++;
        }
        long sum = 0;
        do {
            int number = at;
            digits();
            int unit = at;
            while (Character.isLetter(peek())) {
                at++;
            }
            Long factor = UNITS.get(text.substring(unit, at));
            if (factor == null) {
                throw new NumberFormatException();
            }
            sum = Math.addExact(sum, Math.multiplyExact(Long.parseLong(text.substring(number, unit)), factor));
        } while (peek() >= '0' && peek() <= '9');
        return negative ? -sum : sum;
    }

    private void digits() {
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
    }

    /** The next character, NUL at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void blanks() {
        while (Character.isWhitespace(peek())) {
            at++;
        }
    }

    private void expect(char wanted, String what) throws UdfException.Refused {
        if (peek() != wanted) {
            throw expected(what);
        }
        at++;
    }

    private UdfException.Refused expected(String what) {
        String found = at < text.length() ? "'" + text.substring(at) + "'" : "the end";
        return new UdfException.Refused(
                "options, column " + (at + 1) + ": expected " + what + ", found " + found);
    }
}
