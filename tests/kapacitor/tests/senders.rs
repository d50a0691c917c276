//! Data that a UDF sends with a `Sender`.

use kapacitor_tests::{Kapacitor, Udf, Via, programs};

/// The point must wait for the answer to `Init`. If it came first, Kapacitor would never read the answer.
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
fn a_point_sent_in_on_init_arrives_from_a_process() {
    sent_at_init(Via::Process);
}

#[test]
fn a_point_sent_in_on_init_arrives_over_a_socket() {
    sent_at_init(Via::Socket);
}
