//! The agent's answer to a snapshot, for each policy of the UDF.

use support::host::talk;
use support::requests::{Requests, option, point};
use udf_runtime::proto::option_value::Value;
use udf_runtime::proto::response::Message;
use udf_runtime::state::{Envelope, OldState};
use udf_runtime::{UdfHandler, prelude::*};

/// The error in the answer to `Restore`. `None` if it was accepted.
fn refusal(responses: &[Message]) -> Option<&str> {
    responses.iter().find_map(|message| match message {
        Message::Restore(restore) => (!restore.success).then_some(&*restore.error),
        _ => None,
    })
}

/// The state in the snapshot among the responses.
fn state(responses: &[Message]) -> Vec<u8> {
    let snapshot = responses.iter().find_map(|message| match message {
        Message::Snapshot(snapshot) => Some(&snapshot.snapshot),
        _ => None,
    });
    let snapshot = snapshot.expect("a snapshot was asked for");
    let opened = Envelope::unwrap(snapshot).expect("it is a snapshot");
    opened.state.to_vec()
}

fn envelope(version: u32, state: &[u8]) -> Vec<u8> {
    Envelope {
        udf: "texts",
        version,
        state,
    }
    .wrap()
}

fn restored(snapshot: &[u8]) -> Requests {
    Requests::new()
        .init([option("first", [Value::StringValue("option".to_owned())])])
        .restore(snapshot)
}

/// Keeps texts. Refuses the text "bad" after it has taken the texts before it.
macro_rules! texts {
    ($name:ident: $($attribute:tt)*) => {
        #[udf(stream, name = "texts", custom_state, state_version = 3, $($attribute)*)]
        struct $name {
            first: String,
            #[skip]
            texts: Vec<String>,
        }

        impl $name {
            fn take(&mut self, state: &[u8]) -> Result<()> {
                for text in std::str::from_utf8(state)?.split(' ') {
                    if text == "bad" {
                        bail!("the text is bad");
                    }
                    self.texts.push(text.to_owned());
                }
                Ok(())
            }
        }

        impl OnPoint for $name {
            fn on_init(&mut self, task: &Task) -> Result<()> {
                self.texts.push(format!("{}@{}", self.first, task.task_id()));
                Ok(())
            }

            fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
                out.point(point)
            }
        }

        impl CustomState for $name {
            fn snapshot(&self) -> Result<Vec<u8>> {
                Ok(self.texts.join(" ").into_bytes())
            }

            fn restore(&mut self, state: &[u8]) -> Result<()> {
                self.take(state)
            }
        }
    };
}

texts!(Strict: on_restore_error = "refuse");
texts!(Fresh: on_restore_error = "fresh");
texts!(Migrating: on_restore_error = "fresh", migrate);

impl MigrateState for Migrating {
    fn migrate(&mut self, version: u32, old: OldState<'_>) -> Result<()> {
        self.texts.push(format!("from {version}"));
        self.take(old.bytes())
    }
}

#[test]
fn a_restore_that_fails_halfway_is_refused() {
    let talk = talk(
        UdfHandler::<Strict>::new(),
        restored(&envelope(3, b"a bad b")),
    );
    assert_eq!(refusal(&talk.responses), Some("the text is bad"));
}

#[test]
fn a_fresh_state_keeps_nothing_of_a_restore_that_fails_halfway() {
    let requests = restored(&envelope(3, b"a bad b"))
        .snapshot()
        .point(point(1, 1.0));
    let talk = talk(UdfHandler::<Fresh>::new(), requests);
    assert_eq!(refusal(&talk.responses), None);
    // Nothing is left of `a` and of the first `on_init`.
    assert_eq!(state(&talk.responses), b"option@task");
    assert_eq!(talk.points().len(), 1);
}

#[test]
fn an_unreadable_snapshot_does_not_start_the_udf_again() {
    let requests = restored(b"garbage").snapshot();
    let talk = talk(UdfHandler::<Fresh>::new(), requests);
    assert_eq!(refusal(&talk.responses), None);
    assert_eq!(state(&talk.responses), b"option@task");
}

#[test]
fn an_older_version_is_migrated() {
    let requests = restored(&envelope(1, b"a b")).snapshot();
    let talk = talk(UdfHandler::<Migrating>::new(), requests);
    assert_eq!(refusal(&talk.responses), None);
    assert_eq!(state(&talk.responses), b"option@task from 1 a b");
}

#[test]
fn a_migration_that_fails_halfway_leaves_a_fresh_state() {
    let requests = restored(&envelope(2, b"a bad")).snapshot();
    let talk = talk(UdfHandler::<Migrating>::new(), requests);
    assert_eq!(refusal(&talk.responses), None);
    assert_eq!(state(&talk.responses), b"option@task");
}

#[test]
fn a_newer_version_is_not_migrated() {
    let requests = restored(&envelope(4, b"a b")).snapshot();
    let talk = talk(UdfHandler::<Migrating>::new(), requests);
    assert_eq!(refusal(&talk.responses), None);
    assert_eq!(state(&talk.responses), b"option@task");
}

#[test]
fn without_a_migration_another_version_is_refused() {
    for version in [2, 4] {
        let talk = talk(
            UdfHandler::<Strict>::new(),
            restored(&envelope(version, b"a")),
        );
        let expected = format!("expected version 3 of the state, found version {version}");
        assert_eq!(refusal(&talk.responses), Some(&*expected));
    }
}
