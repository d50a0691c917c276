package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Each line of a UDF's log has its level. */
class UdfLogTest {
    @Test
    void levels() {
        assertEquals(Level.ERROR, UdfLog.level("ERROR my_udf: it is broken", Level.INFO));
        assertEquals(Level.DEBUG, UdfLog.level("DEBUG my_udf: details", Level.INFO));
        assertEquals(Level.ERROR, UdfLog.level("    the second line of it", Level.ERROR));
        assertEquals(Level.INFO, UdfLog.level("a print", Level.ERROR));
        assertEquals(Level.INFO, UdfLog.level("ERRORS are none", Level.INFO));
    }
}
