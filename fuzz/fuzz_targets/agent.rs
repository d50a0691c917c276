//! The agent as a whole: whatever comes in, what goes out is well formed, harms no Kapacitor, and
//! answers nothing that was not asked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use support::model::is_heartbeat;
use udf_fuzz::{Apart, Halves, Keeper, Mirror, Strict, Together, answer};
use udf_runtime::UdfHandler;
use udf_runtime::proto::{
    Request, prost::Message as _, prost::encoding::decode_varint, request, response::Message,
};

fuzz_target!(|data: &[u8]| {
    let Some((which, input)) = data.split_first() else {
        return;
    };
    let (responses, _) = match which % 6 {
        0 => answer(UdfHandler::<Mirror>::new(), input),
        1 => answer(UdfHandler::<Halves>::new(), input),
        2 => answer(UdfHandler::<Apart>::new(), input),
        3 => answer(UdfHandler::<Together>::new(), input),
        4 => answer(UdfHandler::<Keeper>::new(), input),
        _ => answer(UdfHandler::<Strict>::new(), input),
    };
    // Answers of a kind are as many as requests. A point that is none may stand between them:
    // after an Init that was refused, nobody looks.
    let mut asked = [0_usize; 5];
    let mut rest = input;
    while let Ok(size) = decode_varint(&mut rest) {
        let Some((frame, behind)) = rest.split_at_checked(size as usize) else {
            break;
        };
        rest = behind;
        let Ok(request) = Request::decode(frame) else {
            continue;
        };
        match request.message {
            Some(request::Message::Info(_)) => asked[0] += 1,
            Some(request::Message::Init(_)) => asked[1] += 1,
            Some(request::Message::Keepalive(_)) => asked[2] += 1,
            Some(request::Message::Snapshot(_)) => asked[3] += 1,
            Some(request::Message::Restore(_)) => asked[4] += 1,
            _ => {}
        }
    }
    // Nobody has to ask for a heartbeat, and what looks like one may have been asked for.
    for response in responses.iter().filter(|it| !is_heartbeat(it)) {
        let kind = match response {
            Message::Info(_) => 0,
            Message::Init(_) => 1,
            Message::Keepalive(_) => 2,
            Message::Snapshot(_) => 3,
            Message::Restore(_) => 4,
            _ => continue,
        };
        assert!(asked[kind] > 0, "{response:?} answers nothing");
        asked[kind] -= 1;
    }
});
