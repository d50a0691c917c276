package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import agent.Udf.OptionInfo;
import agent.Udf.OptionValue;
import agent.Udf.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options are read as TICKscript has them, and typed by what the UDF declares. */
class TickOptionsTest {
    private static final Map<String, OptionInfo> DECLARED = Map.of(
            "field", info(ValueType.STRING),
            "size", info(ValueType.INT),
            "scale", info(ValueType.DOUBLE),
            "gap", info(ValueType.DURATION),
            "range", info(ValueType.DOUBLE, ValueType.INT),
            "on", info(ValueType.BOOL),
            "flag", info());

    private static OptionInfo info(ValueType... types) {
        return OptionInfo.newBuilder().addAllValueTypes(List.of(types)).build();
    }

    @Test
    void literals() throws Exception {
        var options = TickOptions.parse(
                        " .field('it\\'s') .size(-10)\n.scale(1.5).gap(1h30m).range( 2 , 3 ).on(TRUE).flag().size(7)")
                .typed(DECLARED);
        assertEquals(
                List.of("field", "size", "scale", "gap", "range", "on", "flag", "size"),
                options.stream().map(option -> option.getName()).toList());
        assertEquals("it's", options.get(0).getValues(0).getStringValue());
        assertEquals(-10, options.get(1).getValues(0).getIntValue());
        assertEquals(1.5, options.get(2).getValues(0).getDoubleValue());
        assertEquals(5_400_000_000_000L, options.get(3).getValues(0).getDurationValue());
        OptionValue whole = options.get(4).getValues(0);
        assertEquals(ValueType.DOUBLE, whole.getType());
        assertEquals(2.0, whole.getDoubleValue());
        assertEquals(true, options.get(5).getValues(0).getBoolValue());
        assertEquals(0, options.get(6).getValuesCount());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            size(10)       | options, column 1: expected a call, as .size(10), found 'size(10)'
            .(10)          | options, column 2: expected the name of an option, found '(10)'
            .size 10       | options, column 7: expected '(', found '10'
            .size(10       | options, column 9: expected ',' or ')', found the end
            .field("x")    | options, column 8: expected a string in single quotes, found '"x")'
            .field('x)     | options, column 8: expected a string that is closed, found ''x)'
            .gap(10x)      | options, column 6: expected a literal, as 'text', 10, 10.0, 10s or TRUE, found '10x)'
            .size(99999999999999999999) | options, column 7: expected a literal, as 'text', 10, 10.0, 10s or TRUE, found '99999999999999999999)'
            """)
    void whatIsNoChainOfCalls(String text, String message) {
        var wrong = assertThrows(IllegalArgumentException.class, () -> TickOptions.check(text));
        assertEquals(message, wrong.getMessage());
    }

    @Test
    void allProblemsAreSaidAtOnce() {
        var wrong = assertThrows(
                UdfException.Refused.class, () -> TickOptions.parse(".size(1.5).sise(1).gap(10)").typed(DECLARED));
        assertEquals(
                "problems with the options: expected .size(INT), found .size(1.5); the UDF has no option \"sise\"; it "
                        + "has field, flag, gap, on, range, scale, size; expected .gap(DURATION), found .gap(10)",
                wrong.getMessage());
    }

    @Test
    void durations() {
        assertEquals(90_000_000_000L, TickOptions.duration("90s"));
        for (String text : List.of("", "90", "'x'", "1.5s", "s", "10s ")) {
            assertThrows(IllegalArgumentException.class, () -> TickOptions.duration(text));
        }
    }
}
