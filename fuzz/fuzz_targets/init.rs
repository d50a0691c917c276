//! Options: any `Init` is accepted or refused with a text of bounded length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use udf_fuzz::{Strict, answer};
use udf_runtime::proto::{InitRequest, Request, prost::Message as _, request, response::Message};
use udf_runtime::{Udf as _, UdfHandler};

fuzz_target!(|data: &[u8]| {
    let Ok(init) = InitRequest::decode(data) else {
        return;
    };
    let made = Strict::from_options(&init.options);
    let request = Request {
        message: Some(request::Message::Init(init)),
    };
    let frame = request.encode_length_delimited_to_vec();
    let (responses, ended) = answer(UdfHandler::<Strict>::new(), &frame[..]);
    match &responses[..] {
        [Message::Init(init)] => {
            ended.expect("an Init alone ends nothing");
            assert_eq!(init.success, made.is_ok(), "{}", init.error);
            assert_eq!(init.success, init.error.is_empty());
            assert!(init.error.len() < 64 * 1024);
        }
        // Larger than the targets' message limit.
        [Message::Error(_)] => assert!(frame.len() > 1 << 20),
        other => panic!("{other:?}"),
    }
});
