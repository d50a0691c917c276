//! A project that `udf new` has made, and Kapacitor's side of a talk with its UDF.
//!
//! `tests/deploy/run.sh` makes and builds the project. It names its parts by variables of the environment.

use std::env;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use kapacitor_tests::wait;
use support::model;
use support::requests::{Requests, option, point, string};
use udf_runtime::proto::option_value::Value;
use udf_runtime::proto::response::Message;

/// The name of the project, its program and its Debian package.
pub const PROJECT: &str = "deployed-udf";
/// The name of its UDF.
pub const UDF: &str = "deployed_udf";

/// The folder of the project, which is one for `--edges stream`.
pub fn project() -> PathBuf {
    named_by("UDF_PROJECT")
}

/// Its static program.
pub fn program() -> PathBuf {
    named_by("UDF_PROGRAM")
}

/// Its compose file, resolved and as JSON.
pub fn compose() -> PathBuf {
    named_by("UDF_COMPOSE")
}

/// Its Debian package.
pub fn debian_package() -> PathBuf {
    named_by("UDF_DEBIAN_PACKAGE")
}

#[track_caller]
fn named_by(variable: &str) -> PathBuf {
    let path = env::var_os(variable).map(PathBuf::from);
    path.filter(|path| path.exists())
        .unwrap_or_else(|| panic!("{variable} names nothing; help: run tests/deploy/run.sh"))
}

/// What Kapacitor asks of the UDF: Info, Init, and three points, one of which is not above the limit.
pub fn requests() -> Vec<u8> {
    let field = option("field", [string("value")]);
    let above = option("above", [Value::DoubleValue(10.0)]);
    let mut requests = Requests::new().info().init([field, above]);
    for (time, value) in [(1, 11.0), (2, 10.0), (3, 12.0)] {
        requests = requests.point(point(time, value));
    }
    requests.bytes()
}

/// Checks the answers to [`requests`].
#[track_caller]
pub fn check_answers(bytes: &[u8]) {
    let mut answers = model::read(bytes).expect("Kapacitor survives the answers");
    answers.retain(|answer| !model::is_heartbeat(answer));
    let [
        Message::Info(info),
        Message::Init(init),
        Message::Point(first),
        Message::Point(second),
    ] = &answers[..]
    else {
        panic!("expected Info, Init and two points, found {answers:?}");
    };
    assert!(info.options.contains_key("above"), "{info:?}");
    assert!(init.success, "{}", init.error);
    assert_eq!((first.time, second.time), (1, 3));
    assert_eq!(first.fields_int["in_a_row"], 1);
}

/// Waits for the socket of a server, sends it [`requests`], and checks the answers.
#[track_caller]
pub fn talk_over(socket: &Path) {
    let connect = || UnixStream::connect(socket).map_err(|error| error.to_string());
    let mut stream = wait::until(&format!("a server on {}", socket.display()), connect);
    stream
        .set_read_timeout(Some(wait::DEADLINE))
        .expect("a timeout above zero");
    stream.write_all(&requests()).expect("the server reads");
    stream
        .shutdown(Shutdown::Write)
        .expect("the connection is open");
    let mut answers = Vec::new();
    stream
        .read_to_end(&mut answers)
        .expect("the server answers and closes the connection");
    check_answers(&answers);
}
