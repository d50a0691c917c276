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
//! - A hook that would never be called is handed to [`mod@never`], which takes [`Absent`] alone.

use std::marker::PhantomData;

use crate::data::{Batch, Point};
use crate::error::{Error, Result};
use crate::udf::Task;

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
///
/// Their functions ask for a trait that nothing implements, and that says what to write. All is
/// written out, for the compiler would show a macro's inside beside each message.
pub mod missing {
    use super::Absent;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` has no method `on_point`",
        label = "`on_point` is missing",
        note = "write in `impl {Self}`: \
                `fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()>`"
    )]
    pub trait NeedsPointToStream {}

    pub trait PointToStream {
        fn on_point() -> Absent
        where
            Self: NeedsPointToStream,
        {
            Absent(())
        }
    }
    impl<T> PointToStream for T {}

    #[diagnostic::on_unimplemented(
        message = "`{Self}` has no method `on_point`",
        label = "`on_point` is missing",
        note = "write in `impl {Self}`: \
                `fn on_point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()>`"
    )]
    pub trait NeedsPointToBatch {}

    pub trait PointToBatch {
        fn on_point() -> Absent
        where
            Self: NeedsPointToBatch,
        {
            Absent(())
        }
    }
    impl<T> PointToBatch for T {}

    #[diagnostic::on_unimplemented(
        message = "`{Self}` has no method `on_batch`",
        label = "`on_batch` is missing",
        note = "write in `impl {Self}`: \
                `fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()>`"
    )]
    pub trait NeedsBatchToStream {}

    pub trait BatchToStream {
        fn on_batch() -> Absent
        where
            Self: NeedsBatchToStream,
        {
            Absent(())
        }
    }
    impl<T> BatchToStream for T {}

    #[diagnostic::on_unimplemented(
        message = "`{Self}` has no method `on_batch`",
        label = "`on_batch` is missing",
        note = "write in `impl {Self}`: \
                `fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()>`"
    )]
    pub trait NeedsBatchToBatch {}

    pub trait BatchToBatch {
        fn on_batch() -> Absent
        where
            Self: NeedsBatchToBatch,
        {
            Absent(())
        }
    }
    impl<T> BatchToBatch for T {}

    #[diagnostic::on_unimplemented(
        message = "`{Self}` has a `tick`, but no method `on_tick`",
        label = "`on_tick` is missing",
        note = "write in `impl {Self}`: \
                `fn on_tick(&mut self, out: &mut StreamOutput) -> Result<()>`, or leave `tick` out"
    )]
    pub trait NeedsTickToStream {}

    pub trait TickToStream {
        fn on_tick() -> Absent
        where
            Self: NeedsTickToStream,
        {
            Absent(())
        }
    }
    impl<T> TickToStream for T {}

    #[diagnostic::on_unimplemented(
        message = "`{Self}` has a `tick`, but no method `on_tick`",
        label = "`on_tick` is missing",
        note = "write in `impl {Self}`: \
                `fn on_tick(&mut self, out: &mut BatchOutput) -> Result<()>`, or leave `tick` out"
    )]
    pub trait NeedsTickToBatch {}

    pub trait TickToBatch {
        fn on_tick() -> Absent
        where
            Self: NeedsTickToBatch,
        {
            Absent(())
        }
    }
    impl<T> TickToBatch for T {}
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
/// functions.
macro_rules! hooks {
    ($(
        $(#[$attribute:meta])*
        $trait:ident$(<$O:ident>)?($($argument:ident: $type:ty),*);
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
    )*};
}

hooks! {
    #[diagnostic::on_unimplemented(
        message = "`on_init` has the wrong signature",
        label = "`on_init` cannot be called",
        note = "it has to be `fn on_init(&mut self, task: &Task) -> Result<()>`"
    )]
    OnInit(task: &Task);
    #[diagnostic::on_unimplemented(
        message = "`on_point` has the wrong signature",
        label = "`on_point` cannot be called",
        note = "it has to be `fn on_point(&mut self, point: Point, out: &mut {O}) -> Result<()>`"
    )]
    OnPoint<O>(point: Point, out: &mut O);
    #[diagnostic::on_unimplemented(
        message = "`on_batch` has the wrong signature",
        label = "`on_batch` cannot be called",
        note = "it has to be `fn on_batch(&mut self, batch: Batch, out: &mut {O}) -> Result<()>`"
    )]
    OnBatch<O>(batch: Batch, out: &mut O);
    #[diagnostic::on_unimplemented(
        message = "`on_tick` has the wrong signature",
        label = "`on_tick` cannot be called",
        note = "it has to be `fn on_tick(&mut self, out: &mut {O}) -> Result<()>`"
    )]
    OnTick<O>(out: &mut O);
    #[diagnostic::on_unimplemented(
        message = "`on_stop` has the wrong signature",
        label = "`on_stop` cannot be called",
        note = "it has to be `fn on_stop(&mut self, out: &mut {O}) -> Result<()>`"
    )]
    OnStop<O>(out: &mut O);
}

/// Calls the hook.
pub fn on_init<T, By>(this: &mut T, task: &Task, hook: impl OnInit<T, By>) -> Result<()> {
    hook.call(this, task)
}

/// Calls the hook.
pub fn on_point<T, O, By>(
    this: &mut T,
    point: Point,
    out: &mut O,
    hook: impl OnPoint<T, O, By>,
) -> Result<()> {
    hook.call(this, point, out)
}

/// Calls the hook.
pub fn on_batch<T, O, By>(
    this: &mut T,
    batch: Batch,
    out: &mut O,
    hook: impl OnBatch<T, O, By>,
) -> Result<()> {
    hook.call(this, batch, out)
}

/// Calls the hook.
pub fn on_tick<T, O, By>(this: &mut T, out: &mut O, hook: impl OnTick<T, O, By>) -> Result<()> {
    hook.call(this, out)
}

/// Calls the hook.
pub fn on_stop<T, O, By>(this: &mut T, out: &mut O, hook: impl OnStop<T, O, By>) -> Result<()> {
    hook.call(this, out)
}

/// Hooks that must not be there, as they would never be called.
pub mod never {
    use super::{Absent, by};

    /// Implemented by nothing. Where there is but one way to implement a trait, the compiler says
    /// why that one fails; where there are two, it says what we say.
    pub trait Nothing {}

    #[diagnostic::on_unimplemented(
        message = "a UDF that wants batches has no `on_point`",
        label = "`on_point` would never be called",
        note = "write `on_batch`, or let the UDF want a stream: `#[udf(stream)]`"
    )]
    pub trait OnPoint<By> {}

    impl<F: FnOnce() -> Absent> OnPoint<by::None> for F {}
    impl<F: Nothing> OnPoint<by::Mut<()>> for F {}

    /// Takes the stand-in alone.
    pub fn on_point<By>(_: impl OnPoint<By>) {}

    #[diagnostic::on_unimplemented(
        message = "a UDF that wants a stream has no `on_batch`",
        label = "`on_batch` would never be called",
        note = "write `on_point`, or let the UDF want batches: `#[udf(batch)]`"
    )]
    pub trait OnBatch<By> {}

    impl<F: FnOnce() -> Absent> OnBatch<by::None> for F {}
    impl<F: Nothing> OnBatch<by::Mut<()>> for F {}

    /// Takes the stand-in alone.
    pub fn on_batch<By>(_: impl OnBatch<By>) {}

    #[diagnostic::on_unimplemented(
        message = "`on_tick` is never called without a `tick`",
        label = "`on_tick` would never be called",
        note = "say how often: `#[udf(…, tick = \"10s\")]`"
    )]
    pub trait OnTick<By> {}

    impl<F: FnOnce() -> Absent> OnTick<by::None> for F {}
    impl<F: Nothing> OnTick<by::Mut<()>> for F {}

    /// Takes the stand-in alone.
    pub fn on_tick<By>(_: impl OnTick<By>) {}
}

/// A `snapshot` of the author's, or [`Absent`]'s.
#[diagnostic::on_unimplemented(
    message = "`snapshot` has the wrong signature",
    label = "`snapshot` cannot be called",
    note = "it has to be `fn snapshot(&self) -> Result<Vec<u8>>`"
)]
pub trait Snapshot<T, By> {
    fn call(self, this: &mut T, fields: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>>;
}

impl<T, F: FnOnce() -> Absent> Snapshot<T, by::None> for F {
    fn call(self, this: &mut T, fields: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        fields(this)
    }
}

impl<T, E: Into<Error>, F: FnOnce(&T) -> Result<Vec<u8>, E>> Snapshot<T, by::Ref<E>> for F {
    fn call(self, this: &mut T, _: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        self(this).map_err(E::into)
    }
}

impl<T, E: Into<Error>, F: FnOnce(&mut T) -> Result<Vec<u8>, E>> Snapshot<T, by::Mut<E>> for F {
    fn call(self, this: &mut T, _: fn(&mut T) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        self(this).map_err(E::into)
    }
}

/// A `restore` of the author's, or [`Absent`]'s.
#[diagnostic::on_unimplemented(
    message = "`restore` has the wrong signature",
    label = "`restore` cannot be called",
    note = "it has to be `fn restore(&mut self, state: &[u8]) -> Result<()>`"
)]
pub trait Restore<T, By> {
    fn call(
        self,
        this: &mut T,
        state: &[u8],
        fields: fn(&mut T, &[u8]) -> Result<()>,
    ) -> Result<()>;
}

impl<T, F: FnOnce() -> Absent> Restore<T, by::None> for F {
    fn call(
        self,
        this: &mut T,
        state: &[u8],
        fields: fn(&mut T, &[u8]) -> Result<()>,
    ) -> Result<()> {
        fields(this, state)
    }
}

impl<T, E: Into<Error>, F: FnOnce(&mut T, &[u8]) -> Result<(), E>> Restore<T, by::Mut<E>> for F {
    fn call(self, this: &mut T, state: &[u8], _: fn(&mut T, &[u8]) -> Result<()>) -> Result<()> {
        self(this, state).map_err(E::into)
    }
}

/// How `snapshot` and `restore` are there: both the author's, or none.
#[diagnostic::on_unimplemented(
    message = "`snapshot` and `restore` go together, and one of them is missing",
    label = "has one of the two alone",
    note = "they are `fn snapshot(&self) -> Result<Vec<u8>>` and \
            `fn restore(&mut self, state: &[u8]) -> Result<()>`"
)]
pub trait Both {
    /// Whether they are the author's.
    const WRITTEN: bool;
}

impl Both for (by::None, by::None) {
    const WRITTEN: bool = false;
}

impl<A, B> Both for (by::Ref<A>, by::Mut<B>) {
    const WRITTEN: bool = true;
}

impl<A, B> Both for (by::Mut<A>, by::Mut<B>) {
    const WRITTEN: bool = true;
}

/// The two hooks in a form that does not tell how they were written.
pub struct State<T> {
    /// Whether they are the author's.
    pub written: bool,
    /// Makes a snapshot.
    pub snapshot: Box<SnapshotFn<T>>,
    /// Takes one back.
    pub restore: Box<RestoreFn<T>>,
}

type SnapshotFn<T> = dyn FnOnce(&mut T) -> Result<Vec<u8>>;
type RestoreFn<T> = dyn FnOnce(&mut T, &[u8]) -> Result<()>;

/// A hook that has been found to be right, and how it takes its UDF.
pub struct Hook<F, By>(F, PhantomData<By>);

/// Takes a right `snapshot`.
pub fn snapshot<T, By, F: Snapshot<T, By>>(hook: F) -> Hook<F, By> {
    Hook(hook, PhantomData)
}

/// Takes a right `restore`.
pub fn restore<T, By, F: Restore<T, By>>(hook: F) -> Hook<F, By> {
    Hook(hook, PhantomData)
}

/// The author's hooks, or else what is done with the `#[state]` fields.
pub fn state<T, S, R, A, B>(
    (Hook(snapshot, _), Hook(restore, _)): (Hook<S, A>, Hook<R, B>),
    snapshot_fields: fn(&mut T) -> Result<Vec<u8>>,
    restore_fields: fn(&mut T, &[u8]) -> Result<()>,
) -> State<T>
where
    T: 'static,
    S: Snapshot<T, A> + 'static,
    R: Restore<T, B> + 'static,
    (A, B): Both,
{
    State {
        written: <(A, B)>::WRITTEN,
        snapshot: Box::new(move |this| snapshot.call(this, snapshot_fields)),
        restore: Box::new(move |this, state| restore.call(this, state, restore_fields)),
    }
}

/// What a UDF answers to input that it does not want, which the runtime never hands to it.
pub fn unwanted(input: &str) -> Result<()> {
    Err(Error::msg(format!("this UDF does not take a {input}")))
}
