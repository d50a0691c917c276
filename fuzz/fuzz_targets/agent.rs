//! The agent as a whole: for any input, the output is well formed, Kapacitor survives it, and it contains
//! no answer without a request.
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
    // There are as many answers of a kind as requests. Invalid points may be among the requests, because
    // the agent does not read data after a refused Init.
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
    // A heartbeat needs no request, and an answer to a keepalive may look like a heartbeat.
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
