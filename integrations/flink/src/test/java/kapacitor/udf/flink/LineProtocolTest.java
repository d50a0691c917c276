package kapacitor.udf.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import agent.Udf.Point;
import java.util.ArrayList;
import java.util.List;
import kapacitor.udf.flink.support.Lines;
import kapacitor.udf.flink.support.Programs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Line protocol reads and writes as the SDK's own {@code pipe} does. */
class LineProtocolTest {
    private static final List<String> UNUSUAL = List.of(
            "m v=1 1",
            "disk\\ usage\\,x,pa\\ th=C:\\temp,k\\=ey=v\\,a\\=l fr\\ ee=12i,la\\,bel=\"a b\" 2",
            "m s=\"quote \\\" backslash \\\\ newline \\n comma , equals =\",t=t,f=F 3",
            "m,t=é v=1.5e-3,w=-.5,x=1E10,y=9223372036854775807i,z=-9223372036854775808i,u=7u 4",
            "m v=-0,w=123456789012345680,x=0.1,y=1e300,z=4.9e-324 5",
            "m,a=\\\\x v=1 6",
            "m\\n v=1 7",
            "m v=1,v=2 8",
            "m k\\\"q=1 9",
            "  m v=true   10  ",
            "m v=1 -5");

    @Test
    void readsAndWritesAsPipe() throws Exception {
        List<String> lines = new ArrayList<>(UNUSUAL);
        lines.addAll(Programs.exampleData());
        List<String> expected = Programs.pipe(Programs.example("mirror"), lines);
        List<String> written = new ArrayList<>();
        for (String line : lines) {
            for (Point point : Points.read(line)) {
                written.add(LineProtocol.line(point));
            }
        }
        Lines.assertSame("what is written", expected, Lines.comparable(written));
        // And the SDK reads what is written here.
        Lines.assertSame("what is read again", expected, Programs.pipe(Programs.example("mirror"), written));
    }

    @Test
    void aRecordMayHaveSeveralLines() {
        List<Point> points = Points.read("# a comment\nm v=1 1\n\nm s=\"two\nlines\" 2\r\nm v=3 3");
        assertEquals(List.of(1L, 2L, 3L), points.stream().map(Point::getTime).toList());
        assertEquals("two\nlines", points.get(1).getFieldsStringOrThrow("s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "m", "m ", ",a=b v=1", "m,a v=1", "m,a= v=1", "m,a=b=c v=1", "m,a=b,a=c v=1", "m v", "m v=", "m v=abc",
        "m v=1d", "m v=0x1p3", "m v=NaN", "m v=Infinity", "m v=1e999", "m v=9223372036854775808i", "m v=-1u",
        "m v=\"open", "m v=\"a\"b", "m v=1 abc", "m v=1 1.5", "m v=1 1 1", "m v=1 99999999999999999999", "m v=1, 1"
    })
    void badLines(String line) {
        assertThrows(BadRecordException.class, () -> Points.readOrFail(line, GroupBy.tags(false)));
        assertThrows(AssertionError.class, () -> Programs.pipe(Programs.example("mirror"), List.of(line)));
    }

    @Test
    void whatLineProtocolCannotHoldIsLeftOut() {
        Point point = Point.newBuilder().setName("m").setTime(1)
                .putTags("t", "line\nbreak").putTags("end", "x\\")
                .putFieldsDouble("nan", Double.NaN).putFieldsInt("i", 1).build();
        assertEquals("m i=1i 1", LineProtocol.line(point));
        assertEquals(null, LineProtocol.line(point.toBuilder().clearFieldsInt().build()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            host      | false | host=a
            host,dc   | false | dc=eu,host=a
            none,host | false | host=a,none=
            *         | false | dc=eu,host=a
            host      | true  | 'm\nhost=a'
            """)
    void groupsAreSpeltAsKapacitorSpellsThem(String tags, boolean byName, String group) {
        GroupBy groupBy = GroupBy.tags(byName, tags.split(","));
        Point point = Points.read("m,host=a,dc=eu v=1 1", groupBy).get(0);
        assertEquals(group, point.getGroup());
        assertEquals(byName, point.getByName());
    }
}
