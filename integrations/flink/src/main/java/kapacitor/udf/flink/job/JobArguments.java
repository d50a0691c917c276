package kapacitor.udf.flink.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kapacitor.udf.flink.TickOptions;

/** The arguments of the ready job. */
record JobArguments(
        String program,
        List<String> programArguments,
        String options,
        List<String> groupBy,
        boolean byName,
        Duration period,
        int shards,
        Duration timeout,
        long unit,
        Place from,
        Place to,
        Duration watch,
        boolean bounded,
        Properties kafka,
        String name) {

    static final String USAGE =
            """
            flink run kapacitor-udf-flink-0.1.0-job.jar --udf PROGRAM --from PLACE --to PLACE [...]

              --udf PROGRAM          the UDF, at a path that every task manager has
              --udf-args "A B"       its arguments, as the name of one of several UDFs
              --options "CALLS"      its options as in TICKscript: ".field('usage_user').size(10)"
              --group-by TAG,...     group by tags, or by '*' for all of them
              --by-name              group by the measurement, too
              --period TIME          length of a batch, by the points' own time [the whole input]
              --precision UNIT       ns, us, ms or s: what the times are in [ns]
              --from PLACE           kafka:TOPIC or files:DIR, line protocol
              --to PLACE             kafka:TOPIC or files:DIR, line protocol
              --watch TIME           look for new files so often, and never end
              --bounded              end where the topic ends now
              --brokers HOST:PORT    of Kafka
              --kafka KEY=VALUE      a property of Kafka's clients; may come several times
              --shards N             sessions that the groups are spread over [16]
              --timeout TIME         how long the UDF may be silent [10s]
              --name NAME            of the job, its state and its transactions [the program's]
            """;

    /** Where lines come from or go to. */
    record Place(boolean isKafka, String name) {}

    /** A wrong argument; the message says which, what it takes and what was found. */
    static final class WrongArgument extends Exception {
        private static final long serialVersionUID = 1;

        WrongArgument(String message) {
            super(message);
        }
    }

    static JobArguments parse(String... args) throws WrongArgument {
        Map<String, String> given = new LinkedHashMap<>();
        Properties kafka = new Properties();
        for (int at = 0; at < args.length; at++) {
            String name = args[at];
            switch (name) {
                case "--by-name", "--bounded" -> given.put(name, "");
                case "--udf", "--udf-args", "--options", "--group-by", "--period", "--precision", "--from", "--to",
                        "--watch", "--brokers", "--kafka", "--shards", "--timeout", "--name" -> {
                    if (++at == args.length) {
                        throw new WrongArgument(name + ": expected a value, found the end");
                    }
                    if (name.equals("--kafka")) {
                        property(kafka, args[at]);
                    } else if (given.put(name, args[at]) != null) {
                        throw new WrongArgument(name + " is given twice");
                    }
                }
                default -> throw new WrongArgument("unknown argument " + name);
            }
        }
        Place from = place(given, "--from");
        Place to = place(given, "--to");
        String brokers = given.get("--brokers");
        if ((from.isKafka() || to.isKafka()) && brokers == null) {
            throw new WrongArgument("--brokers: expected HOST:PORT of Kafka, since a topic is named");
        }
        if (brokers != null) {
            kafka.setProperty("bootstrap.servers", brokers);
        }
        if (given.containsKey("--watch") && from.isKafka()) {
            throw new WrongArgument("--watch is for files, and --from names a topic");
        }
        if (given.containsKey("--bounded") && !from.isKafka()) {
            throw new WrongArgument("--bounded is for a topic, and --from names files, which end by themselves");
        }
        String program = required(given, "--udf");
        return new JobArguments(
                program,
                words(given.getOrDefault("--udf-args", "")),
                options(given.getOrDefault("--options", "")),
                groupBy(given.get("--group-by")),
                given.containsKey("--by-name"),
                duration(given, "--period", null),
                number(given, "--shards", 16, 1, 32768),
                duration(given, "--timeout", Duration.ofSeconds(10)),
                unit(given.getOrDefault("--precision", "ns")),
                from,
                to,
                duration(given, "--watch", null),
                given.containsKey("--bounded"),
                kafka,
                given.getOrDefault("--name", program.substring(program.lastIndexOf('/') + 1)));
    }

    private static String required(Map<String, String> given, String name) throws WrongArgument {
        String value = given.get(name);
        if (value == null || value.isEmpty()) {
            throw new WrongArgument(name + " is missing");
        }
        return value;
    }

    private static Place place(Map<String, String> given, String name) throws WrongArgument {
        String text = required(given, name);
        for (String kind : List.of("kafka:", "files:")) {
            if (text.startsWith(kind) && text.length() > kind.length()) {
                return new Place(kind.equals("kafka:"), text.substring(kind.length()));
            }
        }
        throw new WrongArgument(name + ": expected kafka:TOPIC or files:DIR, found " + text);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>(List.of(text.trim().split("\\s+")));
        words.removeIf(String::isEmpty);
        return words;
    }

    private static String options(String text) throws WrongArgument {
        try {
            TickOptions.check(text);
            return text;
        } catch (IllegalArgumentException wrong) {
            throw new WrongArgument("--options: " + wrong.getMessage());
        }
    }

    private static List<String> groupBy(String text) throws WrongArgument {
        if (text == null) {
            return List.of();
        }
        List<String> tags = List.of(text.split(",", -1));
        if (tags.contains("") || (tags.contains("*") && tags.size() > 1)) {
            throw new WrongArgument("--group-by: expected TAG,TAG,... or '*' alone, found " + text);
        }
        return tags;
    }

    private static Duration duration(Map<String, String> given, String name, Duration other) throws WrongArgument {
        String text = given.get(name);
        if (text == null) {
            return other;
        }
        try {
            Duration duration = Duration.ofNanos(TickOptions.duration(text));
            if (duration.toMillis() < 1) {
                throw new WrongArgument(name + ": expected 1ms at least, found " + text);
            }
            return duration;
        } catch (IllegalArgumentException wrong) {
            throw new WrongArgument(name + ": " + wrong.getMessage());
        }
    }

    private static int number(Map<String, String> given, String name, int other, int least, int most)
            throws WrongArgument {
        String text = given.get(name);
        if (text == null) {
            return other;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // The message is the same.
        }
        throw new WrongArgument(name + ": expected a number from " + least + " to " + most + ", found " + text);
    }

    private static long unit(String text) throws WrongArgument {
        return switch (text) {
            case "ns", "n" -> 1;
            case "us", "u" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000;
            default -> throw new WrongArgument("--precision: expected ns, us, ms or s, found " + text);
        };
    }

    private static void property(Properties kafka, String text) throws WrongArgument {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new WrongArgument("--kafka: expected KEY=VALUE, found " + text);
        }
        kafka.setProperty(text.substring(0, equals), text.substring(equals + 1));
    }
}
