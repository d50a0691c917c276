//! The messages of the macros for mistakes, and code that compiles.
//!
//! Some messages are the compiler's own, which change between versions. They are compared with the
//! version below alone. To keep new messages: `TRYBUILD=overwrite cargo test --test ui`; then read them.

#[rustversion::attr(not(stable(1.95)), ignore = "the messages are those of Rust 1.95")]
#[test]
fn mistakes_are_reported_where_they_are() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn structs_of_all_kinds_become_udfs() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
