//! What a UDF sends of its own accord, beside what it answers.

use kapacitor_tests::{Kapacitor, Udf, Via, programs};

/// Kapacitor takes no data before the UDF is initialized: it would never read the answer to that.
fn sent_at_init(via: Via) {
    let udf = Udf::new("early", programs::test_udf("early"), via);
    let kapacitor = Kapacitor::with(udf);
    kapacitor.stream(
        "task",
        "stream|from().measurement('m')@early()|httpOut('out')",
    );
    let task = kapacitor.task("task");
    let has = |value: i64| {
        task.output_when("out", |output| output["series"][0]["values"][0][1] == value);
    };
    has(1);
    kapacitor.write("m value=2 2\n");
    has(2);
    assert_eq!(task.error(), "");
}

#[test]
fn what_is_sent_at_init_arrives_as_a_process() {
    sent_at_init(Via::Process);
}

#[test]
fn what_is_sent_at_init_arrives_over_a_socket() {
    sent_at_init(Via::Socket);
}
