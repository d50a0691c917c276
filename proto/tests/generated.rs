//! Fails if `src/agent.rs` is not what the generator makes from `udf.proto`. Also checks
//! `tests/derived/agent.rs`, the same types with prost's derives, which `as_derived.rs` uses.
//!
//! `UPDATE=1 cargo test -p udf-runtime-proto` regenerates both.

mod generator;

use std::{env, fs, path::Path};

#[test]
fn checked_in_types_are_those_of_udf_proto() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::compile(["udf.proto"], [root]).expect("udf.proto compiles");

    let folder = tempfile::tempdir().expect("a temporary folder");
    prost_build::Config::new()
        .out_dir(folder.path())
        // Ordered maps make every encoding the same in every run. Tests and comparisons rely on that.
        .btree_map(["."])
        .compile_fds(descriptors)
        .expect("types are generated");
    let derived = fs::read_to_string(folder.path().join("agent.rs")).expect("the package's file");

    let generated = [
        ("src/agent.rs", generator::without_derives(&derived)),
        ("tests/derived/agent.rs", derived),
    ];
    for (path, generated) in generated {
        let checked_in = root.join(path);
        if env::var_os("UPDATE").is_some() {
            fs::write(&checked_in, &generated).expect("a file that is checked in is writable");
        }
        let current = fs::read_to_string(&checked_in).unwrap_or_default();
        assert!(
            current == generated,
            "{path} does not fit udf.proto; run `UPDATE=1 cargo test -p udf-runtime-proto`"
        );
    }
}
