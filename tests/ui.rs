//! What the macros say to mistakes, and what they take without any.
//!
//! The messages of a mistake are partly the compiler's own, which change between versions. They
//! are compared with one version alone, the one named below; on all others, these tests are left
//! out. To look at new messages and keep them: `TRYBUILD=overwrite cargo test --test ui`.

#[rustversion::attr(not(stable(1.95)), ignore = "the messages are those of Rust 1.95")]
#[test]
fn mistakes_are_told_where_they_are() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn structs_of_all_kinds_become_udfs() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
