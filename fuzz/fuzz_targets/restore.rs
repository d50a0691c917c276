//! Snapshots: a restore is accepted as a whole or refused. The next snapshot holds an accepted state. It can
//! be restored, and the snapshot after that is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use support::requests::Requests;
use udf_fuzz::{Keeper, answer};
use udf_runtime::UdfHandler;
use udf_runtime::proto::response::Message;
use udf_runtime::state::Envelope;

fuzz_target!(|data: &[u8]| {
    let Some((how, state)) = data.split_first() else {
        return;
    };
    let wrapped = Envelope {
        udf: "keeper",
        version: 1,
        state,
    }
    .wrap();
    let snapshot = if how % 4 == 0 { state } else { &wrapped };
    let empty = restored(None).expect("nothing was to be refused");
    let Some(first) = restored(Some(snapshot)) else {
        return;
    };
    let second = restored(Some(&first)).expect("our own snapshot");
    assert_eq!(first, second);
    assert!(first.len() >= empty.len());
});

/// The state after a restore, if it was accepted.
fn restored(snapshot: Option<&[u8]>) -> Option<Vec<u8>> {
    let requests = Requests::new().init([]);
    let requests = match snapshot {
        Some(snapshot) => requests.restore(snapshot),
        None => requests,
    };
    let bytes = requests.snapshot().bytes();
    let (responses, ended) = answer(UdfHandler::<Keeper>::new(), &bytes[..]);
    if bytes.len() > 1 << 20 {
        // The targets' message limit.
        return None;
    }
    ended.expect("neither a restore nor a snapshot ends anything");
    let refused = responses
        .iter()
        .any(|it| matches!(it, Message::Restore(restore) if !restore.success));
    match responses.into_iter().next_back() {
        Some(Message::Snapshot(snapshot)) => (!refused).then_some(snapshot.snapshot),
        other => panic!("expected a snapshot, found {other:?}"),
    }
}
