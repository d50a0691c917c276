//! What a struct with `#[udf]` means.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Expr, Ident, Path, Type};

use super::field_type::FieldType;
use crate::attribute::Period;

/// A UDF.
pub(crate) struct Definition {
    pub(crate) ident: Ident,
    pub(crate) docs: String,
    pub(crate) name: Name,
    pub(crate) edges: Edges,
    pub(crate) tick: Option<Period>,
    pub(crate) on_error: OnError,
    pub(crate) on_restore_error: OnRestoreError,
    pub(crate) state_version: u32,
    /// The place of `custom_state`.
    pub(crate) custom_state: Option<Span>,
    /// The place of `migrate`.
    pub(crate) migrate: Option<Span>,
    /// Path of the runtime.
    pub(crate) runtime: Path,
    pub(crate) fields: Vec<Field>,
}

/// A name and the place that it comes from.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// What a UDF wants and provides.
pub(crate) struct Edges {
    pub(crate) wants: Edge,
    pub(crate) provides: Edge,
    /// The place of the edge that it takes.
    pub(crate) span: Span,
}

/// The shape in which data arrives or leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Stream,
    Batch,
}

#[derive(Clone, Copy, Default)]
pub(crate) enum OnError {
    #[default]
    Stop,
    Drop,
    Pass,
}

#[derive(Clone, Copy, Default)]
pub(crate) enum OnRestoreError {
    #[default]
    Refuse,
    Fresh,
}

/// A field of the struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// `#[cfg(…)]`, which all that is made of the field has to have too.
    pub(crate) cfg: Vec<Attribute>,
    pub(crate) role: Role,
}

/// What a field is for.
pub(crate) enum Role {
    Option(Box<OptionField>),
    State {
        /// The name that the field has in older snapshots.
        was: Option<Name>,
        expire: Option<Period>,
    },
    Skip,
}

/// A field that is an option.
pub(crate) struct OptionField {
    pub(crate) docs: String,
    pub(crate) name: Name,
    pub(crate) field_type: FieldType,
    /// Names of the arguments.
    pub(crate) args: Vec<Ident>,
    pub(crate) default: Option<Expr>,
    pub(crate) range: Option<Range>,
    pub(crate) validate: Option<Expr>,
    pub(crate) flag: Option<Span>,
}

/// A range as it was written.
pub(crate) struct Range {
    pub(crate) from: Option<Expr>,
    pub(crate) to: Option<Expr>,
    /// Whether it leaves `to` out: `..` and not `..=`.
    pub(crate) below: bool,
    pub(crate) tokens: TokenStream,
}

impl Definition {
    /// The fields that are options.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&Field, &OptionField)> {
        self.fields.iter().filter_map(|field| match &field.role {
            Role::Option(option) => Some((field, &**option)),
            Role::State { .. } | Role::Skip => None,
        })
    }

    /// The fields that snapshots hold.
    pub(crate) fn state(&self) -> impl Iterator<Item = &Field> {
        let is_state = |field: &&Field| matches!(field.role, Role::State { .. });
        self.fields.iter().filter(is_state)
    }

    /// The periods that may be given by an option, each with the attribute that has it.
    pub(crate) fn periods(&self) -> impl Iterator<Item = (&'static str, &Period)> {
        let tick = self.tick.iter().map(|period| ("tick", period));
        let expire = self.fields.iter().filter_map(|field| match &field.role {
            Role::State { expire, .. } => expire.as_ref().map(|period| ("expire", period)),
            Role::Option(_) | Role::Skip => None,
        });
        tick.chain(expire)
    }

    /// Whether the field gives a period.
    pub(crate) fn is_period(&self, field: &Ident) -> bool {
        self.periods()
            .any(|(_, period)| matches!(period, Period::Option(name) if name == field))
    }
}
