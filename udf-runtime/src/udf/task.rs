//! The task that uses a UDF.

use crate::output::Sender;

/// The task and the node that use a UDF, and a sender for its threads.
#[derive(Clone, Debug)]
pub struct Task {
    task_id: String,
    node_id: String,
    sender: Sender,
}

impl Task {
    pub(crate) fn new(task_id: String, node_id: String, sender: Sender) -> Self {
        Self {
            task_id,
            node_id,
            sender,
        }
    }

    /// ID of the task in Kapacitor.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// ID of the node in the task: the UDF's name and a number.
    #[must_use]
    pub fn node_id(&self) -> &str {
        &self.node_id
    }

    /// Sends points or batches from any thread.
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }
}
