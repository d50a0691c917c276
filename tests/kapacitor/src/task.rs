//! A task in Kapacitor.

use serde_json::Value;

use crate::http::Client;
use crate::wait;

/// A handle to a defined task.
#[derive(Clone, Debug)]
pub struct Task<'a> {
    client: &'a Client,
    id: String,
}

impl<'a> Task<'a> {
    pub(crate) fn new(client: &'a Client, id: &str) -> Task<'a> {
        Task {
            client,
            id: id.to_owned(),
        }
    }

    /// The current content of its `|httpOut('endpoint')`. `None` while the task does not run.
    pub fn output(&self, endpoint: &str) -> Option<Value> {
        let answer = self
            .client
            .get(&format!("{}/{endpoint}", self.path()), &[])
            .ok()?;
        (answer.status == 200).then(|| answer.json())
    }

    /// Waits for an output that fits.
    #[track_caller]
    pub fn output_when(&self, endpoint: &str, fits: impl Fn(&Value) -> bool) -> Value {
        wait::until(
            &format!("the output {endpoint} of task {}", self.id),
            || match self.output(endpoint) {
                Some(output) if fits(&output) => Ok(output),
                other => Err(format!(
                    "{}; the task's error: {:?}",
                    show(other),
                    self.error()
                )),
            },
        )
    }

    /// Waits for exactly this output.
    #[track_caller]
    pub fn expect_output(&self, endpoint: &str, expected: &Value) {
        self.output_when(endpoint, |output| output == expected);
    }

    /// Kapacitor's description of it: `status`, `executing`, `error`, `stats` and more.
    #[track_caller]
    pub fn describe(&self) -> Value {
        self.client
            .get(&self.path(), &[])
            .expect("kapacitord answers")
            .json()
    }

    /// The error with which it ended. Empty if there is none.
    #[track_caller]
    pub fn error(&self) -> String {
        self.describe()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until it ends with an error.
    #[track_caller]
    pub fn expect_error(&self) -> String {
        wait::until(&format!("an error of task {}", self.id), || {
            Some(self.error())
                .filter(|text| !text.is_empty())
                .ok_or_else(|| "none".into())
        })
    }

    /// Whether it runs.
    #[track_caller]
    pub fn is_executing(&self) -> bool {
        self.describe()["executing"] == true
    }

    /// Starts it.
    #[track_caller]
    pub fn enable(&self) {
        self.set(r#"{"status":"enabled"}"#);
    }

    /// Stops it and the UDFs that it uses.
    #[track_caller]
    pub fn disable(&self) {
        self.set(r#"{"status":"disabled"}"#);
    }

    /// Changes its script. A running task uses the new one after its next start.
    #[track_caller]
    pub fn redefine(&self, script: &str) {
        self.set(&serde_json::json!({ "script": script }).to_string());
    }

    /// Removes it and its snapshot.
    #[track_caller]
    pub fn delete(&self) {
        self.client
            .delete(&self.path())
            .expect("kapacitord answers")
            .ok();
    }

    #[track_caller]
    fn set(&self, change: &str) {
        self.client
            .patch(&self.path(), change)
            .expect("kapacitord answers")
            .ok();
    }

    fn path(&self) -> String {
        format!("/kapacitor/v1/tasks/{}", self.id)
    }
}

fn show(output: Option<Value>) -> String {
    output.map_or("none".to_owned(), |value| value.to_string())
}
