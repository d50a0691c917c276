//! The static program under the real Kapacitor, with the configuration that it prints and the project's own
//! TICKscript.

use std::fs;

use deploy_tests::{UDF, program, project};
use kapacitor_tests::{DATABASE, Kapacitor, RETENTION_POLICY};
use serde_json::json;
use support::process::run;

#[test]
fn kapacitor_runs_the_task_of_the_project() {
    let program = program();
    let config = run(program.to_str().expect("a path in UTF-8"), ["config"], "");
    let kapacitor = Kapacitor::builder().config(config.text()).start();
    let script = fs::read_to_string(project().join(format!("{UDF}.tick"))).expect("the TICKscript");
    let database = format!("dbrp \"{DATABASE}\".\"{RETENTION_POLICY}\"");
    let task = kapacitor.script(
        "deployed",
        &script.replace("dbrp \"telegraf\".\"autogen\"", &database),
    );
    kapacitor.write(
        "cpu,cpu=cpu-total,host=a usage_user=60 1\ncpu,cpu=cpu0,host=a usage_user=99 2\ncpu,cpu=cpu-total,host=a usage_user=70 3\n",
    );
    // The second in a row: the TICKscript takes the total alone.
    task.output_when(UDF, |output| {
        output["series"][0]["values"] == json!([["1970-01-01T00:00:00.000000003Z", 2, 70]])
    });
    assert_eq!(task.error(), "");
}
