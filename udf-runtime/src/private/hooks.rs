//! How generated code calls the methods that an author wrote, and notices those that are missing,
//! have another signature, or would never be called.
//!
//! The macro sees the struct alone. It names each hook as `<T>::on_stop`, with a trait of
//! [`absent`] or [`missing`] in scope: an inherent method wins over the trait's function, whose
//! type tells that there is none. What it then does with the hook depends on the hook's type:
//!
//! - `on_point`, `on_batch`, `on_tick`, `on_stop` and `on_init` are called through a trait that
//!   both an author's method and [`Absent`] implement. Their signatures may differ in what does
//!   not matter: `&self` or `&mut self`, any error that converts.
//! - A hook that has to be there comes from [`missing`], where it has an unfulfilled bound that
//!   says what to write.
//! - A hook that would never be called is handed to [`never`], which takes [`Absent`] alone.

use crate::{Batch, Error, Point, Result, udf::Task};

/// Returned by the functions that stand where an author wrote nothing.
pub struct Absent(());

/// Stand-ins for hooks that need not be there.
pub mod absent {
    use super::Absent;

    /// A trait with one function, for every type.
    macro_rules! absent {
        ($($trait:ident $hook:ident)*) => {$(
            pub trait $trait {
                fn $hook() -> Absent {
                    Absent(())
                }
            }
            impl<T> $trait for T {}
        )*};
    }

    absent! {
        OnInit on_init
        OnPoint on_point
        OnBatch on_batch
        OnTick on_tick
        OnStop on_stop
        Snapshot snapshot
        Restore restore
    }
}

/// Stand-ins for hooks that have to be there.
pub mod missing {
    use super::Absent;

    /// A trait with one function for every type, and one that nothing implements, which the
    /// function asks for.
    macro_rules! missing {
        ($($trait:ident $hook:ident $needs:ident: $message:literal, $signature:literal;)*) => {$(
            #[diagnostic::on_unimplemented(
                message = $message,
                label = "this UDF has no such method",
                note = $signature
            )]
            pub trait $needs {}

            pub trait $trait {
                fn $hook() -> Absent
                where
                    Self: $needs,
                {
                    Absent(())
                }
            }
            impl<T> $trait for T {}
        )*};
    }

    missing! {
        PointToStream on_point NeedsPointToStream: "`{Self}` has no method `on_point`",
            "write in `impl {Self}`: `fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()>`";
        PointToBatch on_point NeedsPointToBatch: "`{Self}` has no method `on_point`",
            "write in `impl {Self}`: `fn on_point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()>`";
        BatchToStream on_batch NeedsBatchToStream: "`{Self}` has no method `on_batch`",
            "write in `impl {Self}`: `fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()>`";
        BatchToBatch on_batch NeedsBatchToBatch: "`{Self}` has no method `on_batch`",
            "write in `impl {Self}`: `fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()>`";
        TickToStream on_tick NeedsTickToStream: "`{Self}` has a `tick`, but no method `on_tick`",
            "write in `impl {Self}`: `fn on_tick(&mut self, out: &mut StreamOutput) -> Result<()>`, or leave `tick` out";
        TickToBatch on_tick NeedsTickToBatch: "`{Self}` has a `tick`, but no method `on_tick`",
            "write in `impl {Self}`: `fn on_tick(&mut self, out: &mut BatchOutput) -> Result<()>`, or leave `tick` out";
    }
}

/// How a hook takes its UDF.
pub mod by {
    use std::marker::PhantomData;

    /// `&mut self`, with an error of type `E`.
    pub struct Mut<E>(PhantomData<E>);
    /// `&self`, with an error of type `E`.
    pub struct Ref<E>(PhantomData<E>);
    /// Not at all, for it is not there.
    pub struct None;
}

/// A trait for a hook, implemented by methods with the right signature and by [`Absent`]'s
/// functions; and the function that calls a hook.
macro_rules! hooks {
    ($(
        $(#[$attribute:meta])*
        $hook:ident $trait:ident$(<$O:ident>)?($($argument:ident: $type:ty),*);
    )*) => {$(
        $(#[$attribute])*
        pub trait $trait<T, $($O,)? By> {
            fn call(self, this: &mut T, $($argument: $type),*) -> Result<()>;
        }

        #[diagnostic::do_not_recommend]
        impl<T, $($O,)? E, F> $trait<T, $($O,)? by::Mut<E>> for F
        where
            E: Into<Error>,
            F: FnOnce(&mut T, $($type),*) -> Result<(), E>,
        {
            fn call(self, this: &mut T, $($argument: $type),*) -> Result<()> {
                self(this, $($argument),*).map_err(E::into)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, $($O,)? E, F> $trait<T, $($O,)? by::Ref<E>> for F
        where
            E: Into<Error>,
            F: FnOnce(&T, $($type),*) -> Result<(), E>,
        {
            fn call(self, this: &mut T, $($argument: $type),*) -> Result<()> {
                self(this, $($argument),*).map_err(E::into)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, $($O,)? F: FnOnce() -> Absent> $trait<T, $($O,)? by::None> for F {
            fn call(self, _: &mut T, $(_: $type),*) -> Result<()> {
                Ok(())
            }
        }

        pub fn $hook<T, $($O,)? By>(
            this: &mut T,
            $($argument: $type,)*
            hook: impl $trait<T, $($O,)? By>,
        ) -> Result<()> {
            hook.call(this, $($argument),*)
        }
    )*};
}

hooks! {
    #[diagnostic::on_unimplemented(
        message = "`on_init` has another signature than it is called with",
        label = "`on_init` cannot be called",
        note = "it has to be `fn on_init(&mut self, task: &Task) -> Result<()>`"
    )]
    on_init OnInit(task: &Task);
    #[diagnostic::on_unimplemented(
        message = "`on_point` has another signature than it is called with",
        label = "`on_point` cannot be called",
        note = "it has to be `fn on_point(&mut self, point: Point, out: &mut {O}) -> Result<()>`"
    )]
    on_point OnPoint<O>(point: Point, out: &mut O);
    #[diagnostic::on_unimplemented(
        message = "`on_batch` has another signature than it is called with",
        label = "`on_batch` cannot be called",
        note = "it has to be `fn on_batch(&mut self, batch: Batch, out: &mut {O}) -> Result<()>`"
    )]
    on_batch OnBatch<O>(batch: Batch, out: &mut O);
    #[diagnostic::on_unimplemented(
        message = "`on_tick` has another signature than it is called with",
        label = "`on_tick` cannot be called",
        note = "it has to be `fn on_tick(&mut self, out: &mut {O}) -> Result<()>`"
    )]
    on_tick OnTick<O>(out: &mut O);
    #[diagnostic::on_unimplemented(
        message = "`on_stop` has another signature than it is called with",
        label = "`on_stop` cannot be called",
        note = "it has to be `fn on_stop(&mut self, out: &mut {O}) -> Result<()>`"
    )]
    on_stop OnStop<O>(out: &mut O);
}

/// Hooks that must not be there, as they would never be called.
pub mod never {
    use super::Absent;

    macro_rules! never {
        ($($trait:ident $hook:ident: $message:literal, $note:literal;)*) => {$(
            #[diagnostic::on_unimplemented(
                message = $message,
                label = "never called",
                note = $note
            )]
            pub trait $trait {}

            #[diagnostic::do_not_recommend]
            impl<F: FnOnce() -> Absent> $trait for F {}

            pub fn $hook(_: impl $trait) {}
        )*};
    }

    never! {
        OnPoint on_point: "a UDF that wants batches has no `on_point`",
            "write `on_batch`, or let the UDF want a stream: `#[udf(stream)]`";
        OnBatch on_batch: "a UDF that wants a stream has no `on_batch`",
            "write `on_point`, or let the UDF want batches: `#[udf(batch)]`";
        OnTick on_tick: "`on_tick` is never called without a `tick`",
            "say how often: `#[udf(…, tick = \"10s\")]`";
    }
}

/// `snapshot` and `restore`, which go together: both an author's, or none.
#[diagnostic::on_unimplemented(
    message = "`snapshot` and `restore` have to be there both, or none of them",
    label = "one of them is missing or has another signature",
    note = "they have to be `fn snapshot(&self) -> Result<Vec<u8>>` and \
            `fn restore(&mut self, state: &[u8]) -> Result<()>`"
)]
pub trait StateHooks<T, By> {
    const WRITTEN: bool;

    fn snapshot(self, this: &mut T, fields: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>>;

    fn restore(
        self,
        this: &mut T,
        state: &[u8],
        fields: fn(&mut T, &[u8]) -> Result<()>,
    ) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T, S, R> StateHooks<T, by::None> for (S, R)
where
    S: FnOnce() -> Absent,
    R: FnOnce() -> Absent,
{
    const WRITTEN: bool = false;

    fn snapshot(self, this: &mut T, fields: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        fields(this)
    }

    fn restore(
        self,
        this: &mut T,
        state: &[u8],
        fields: fn(&mut T, &[u8]) -> Result<()>,
    ) -> Result<()> {
        fields(this, state)
    }
}

/// Author's hooks, by how `snapshot` takes the UDF.
macro_rules! state_hooks {
    ($($by:ident: $this:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, S, E1, R, E2> StateHooks<T, by::$by<(E1, E2)>> for (S, R)
        where
            E1: Into<Error>,
            S: FnOnce($this) -> Result<Vec<u8>, E1>,
            E2: Into<Error>,
            R: FnOnce(&mut T, &[u8]) -> Result<(), E2>,
        {
            const WRITTEN: bool = true;

            fn snapshot(self, this: &mut T, _: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
                self.0(this).map_err(E1::into)
            }

            fn restore(
                self,
                this: &mut T,
                state: &[u8],
                _: fn(&mut T, &[u8]) -> Result<()>,
            ) -> Result<()> {
                self.1(this, state).map_err(E2::into)
            }
        }
    )*};
}

state_hooks! {
    Mut: &mut T;
    Ref: &T;
}

/// The two hooks in a form that does not tell how they were written.
pub struct State<T> {
    /// Whether they are the author's.
    pub written: bool,
    /// Makes a snapshot.
    pub snapshot: Box<dyn FnOnce(&mut T) -> Result<Vec<u8>>>,
    /// Takes one back.
    pub restore: Box<dyn FnOnce(&mut T, &[u8]) -> Result<()>>,
}

/// The author's hooks, or else what is done with the `#[state]` fields.
pub fn state<T: 'static, S, R, By>(
    snapshot: S,
    restore: R,
    snapshot_fields: fn(&mut T) -> Result<Vec<u8>>,
    restore_fields: fn(&mut T, &[u8]) -> Result<()>,
) -> State<T>
where
    S: Copy + 'static,
    R: Copy + 'static,
    (S, R): StateHooks<T, By>,
{
    State {
        written: <(S, R)>::WRITTEN,
        snapshot: Box::new(move |this| (snapshot, restore).snapshot(this, snapshot_fields)),
        restore: Box::new(move |this, state| {
            (snapshot, restore).restore(this, state, restore_fields)
        }),
    }
}

/// What a UDF answers to input that it does not want, which the runtime never hands to it.
pub fn unwanted(input: &str) -> Result<()> {
    Err(Error::msg(format!("this UDF does not take a {input}")))
}
