//! The output of `config` works unchanged, in kapacitor.conf and as a task's script.

use std::path::Path;
use std::process::Command;

use kapacitor_tests::{Influx, Kapacitor, Udf, Via, programs};

#[test]
fn of_a_stream_udf_as_a_process() {
    let program = programs::example("moving_avg");
    let kapacitor = Kapacitor::builder()
        .config(&printed(&program, &["config"]))
        .start();
    // Fills in the placeholder options, because `config` cannot know the fields of the data.
    let script = printed(&program, &["config", "--tickscript"]);
    let script = script.replace(".field('x')", ".field('usage_user')");
    let task = kapacitor.stream("printed", &script);
    kapacitor.write("cpu,host=a usage_user=2 1\ncpu,host=a usage_user=4 2\n");
    task.output_when("moving_avg", |output| {
        output["series"][0]["values"][0][1] == 3
    });
    assert_eq!(task.error(), "");
}

#[test]
fn of_a_batch_udf_of_several_in_one_binary() {
    let influx = Influx::start();
    let program = programs::test_udf("edges");
    let kapacitor = Kapacitor::builder()
        .influx(&influx)
        .config(&printed(&program, &["mirror-batch", "config"]))
        .start();
    let script = printed(&program, &["mirror-batch", "config", "--tickscript"]);
    // Replaces the example database, and the period of a minute.
    let script = script
        .replace(r#""telegraf"."autogen"."cpu""#, "mydb.myrp.cpu")
        .replace(".every(1m)", ".every(100ms)")
        .replace(".period(1m)", ".period(1h)");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a clock that is set");
    influx.write(&format!("cpu,host=a usage=7 {}\n", now.as_nanos()));
    let task = kapacitor.batch("printed", &script);
    task.output_when("mirror_batch", |output| {
        output["series"][0]["values"][0][1] == 7
    });
    assert_eq!(task.error(), "");
}

#[test]
fn of_a_udf_over_a_socket() {
    let program = programs::example("mirror");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let socket = folder.path().join("mirror.sock");
    let socket = socket.to_str().expect("a path in UTF-8");
    let _server = Udf::new("mirror", program.clone(), Via::Socket).serve(folder.path());
    let kapacitor = Kapacitor::builder()
        .config(&printed(&program, &["config", "--socket", socket]))
        .start();
    let script = printed(&program, &["config", "--tickscript"]);
    let task = kapacitor.stream("printed", &script);
    kapacitor.write("cpu,host=a usage=7 1\n");
    task.output_when("mirror", |output| output["series"][0]["values"][0][1] == 7);
    assert_eq!(task.error(), "");
}

/// The output of a program.
fn printed(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("run the UDF's program");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}
