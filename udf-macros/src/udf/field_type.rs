//! What the name of a field's type says.
//!
//! A macro cannot look behind a name. What is found here improves messages and literals; whether
//! a type can be an option, and how, is decided by the runtime's traits.

use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, Type};

/// A type by its name.
#[derive(Debug, PartialEq)]
pub(crate) enum FieldType {
    Bool,
    Int {
        name: &'static str,
        from: i128,
        to: i128,
    },
    NonZero(Box<FieldType>),
    Float,
    String,
    Path,
    Duration,
    Optional(Box<FieldType>),
    Repeated(Box<FieldType>),
    Array(Box<FieldType>, Option<usize>),
    Tuple(Vec<FieldType>),
    /// A name that may stand for anything.
    Other,
}

/// The integers with their bounds, cut to what a TICKscript can write anyway.
const INTS: [(&str, &str, i128, i128); 12] = [
    ("i8", "NonZeroI8", i8::MIN as i128, i8::MAX as i128),
    ("i16", "NonZeroI16", i16::MIN as i128, i16::MAX as i128),
    ("i32", "NonZeroI32", i32::MIN as i128, i32::MAX as i128),
    ("i64", "NonZeroI64", i64::MIN as i128, i64::MAX as i128),
    ("i128", "NonZeroI128", i64::MIN as i128, i64::MAX as i128),
    ("isize", "NonZeroIsize", i64::MIN as i128, i64::MAX as i128),
    ("u8", "NonZeroU8", 0, u8::MAX as i128),
    ("u16", "NonZeroU16", 0, u16::MAX as i128),
    ("u32", "NonZeroU32", 0, u32::MAX as i128),
    ("u64", "NonZeroU64", 0, i64::MAX as i128),
    ("u128", "NonZeroU128", 0, i64::MAX as i128),
    ("usize", "NonZeroUsize", 0, i64::MAX as i128),
];

impl FieldType {
    pub(crate) fn of(ty: &Type) -> Self {
        match ty {
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Tuple(tuple) => Self::Tuple(tuple.elems.iter().map(Self::of).collect()),
            Type::Array(array) => {
                let length = match &array.len {
                    Expr::Lit(ExprLit {
                        lit: Lit::Int(length),
                        ..
                    }) => length.base10_parse().ok(),
                    _ => None,
                };
                Self::Array(Box::new(Self::of(&array.elem)), length)
            }
            Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
                Some(last) => Self::named(&last.ident.to_string(), &last.arguments),
                None => Self::Other,
            },
            _ => Self::Other,
        }
    }

    fn named(name: &str, arguments: &PathArguments) -> Self {
        let argument = match arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                Some(GenericArgument::Type(ty)) => Some(Box::new(Self::of(ty))),
                _ => None,
            },
            PathArguments::None | PathArguments::Parenthesized(_) => None,
        };
        match (name, argument) {
            ("Option", Some(inner)) => Self::Optional(inner),
            ("Vec", Some(inner)) => Self::Repeated(inner),
            ("NonZero", Some(inner)) => Self::NonZero(inner),
            ("bool", None) => Self::Bool,
            ("f32" | "f64", None) => Self::Float,
            ("String", None) => Self::String,
            ("PathBuf", None) => Self::Path,
            ("Duration", None) => Self::Duration,
            (name, None) => {
                let int = |&(name, _, from, to): &(_, _, _, _)| Self::Int { name, from, to };
                let plain = INTS.iter().find(|(plain, ..)| *plain == name).map(int);
                let nonzero = INTS
                    .iter()
                    .find(|(_, nonzero, ..)| *nonzero == name)
                    .map(int);
                plain
                    .or_else(|| nonzero.map(|inner| Self::NonZero(Box::new(inner))))
                    .unwrap_or(Self::Other)
            }
            _ => Self::Other,
        }
    }

    /// The type of one call.
    pub(crate) fn of_call(&self) -> &Self {
        match self {
            Self::Optional(inner) | Self::Repeated(inner) => inner,
            other => other,
        }
    }

    /// Whether a value may have a text in it.
    pub(crate) fn has_text(&self) -> bool {
        match self {
            Self::String | Self::Path | Self::Other => true,
            Self::Optional(inner) | Self::Repeated(inner) | Self::Array(inner, _) => {
                inner.has_text()
            }
            Self::Tuple(inner) => inner.iter().any(Self::has_text),
            Self::Bool | Self::Int { .. } | Self::NonZero(_) | Self::Float | Self::Duration => {
                false
            }
        }
    }

    /// The types of one call's arguments, as TICKscript names them; `None` where only the
    /// compiler knows.
    pub(crate) fn tick_types(&self) -> Option<Vec<&'static str>> {
        Some(match self {
            Self::Bool => vec!["BOOL"],
            Self::Int { .. } | Self::NonZero(_) => vec!["INT"],
            Self::Float => vec!["DOUBLE"],
            Self::String | Self::Path => vec!["STRING"],
            Self::Duration => vec!["DURATION"],
            Self::Optional(inner) | Self::Repeated(inner) => inner.tick_types()?,
            Self::Array(inner, length) => {
                let inner = inner.tick_types()?;
                (0..(*length)?.min(64))
                    .flat_map(|_| inner.clone())
                    .collect()
            }
            Self::Tuple(inner) => {
                let inner = inner
                    .iter()
                    .map(Self::tick_types)
                    .collect::<Option<Vec<_>>>()?;
                inner.concat()
            }
            Self::Other => return None,
        })
    }

    /// Why an argument cannot be this integer, if that is certain.
    pub(crate) fn unfit(&self, int: i128) -> Option<String> {
        match self {
            Self::Int { name, from, to } if !(*from..=*to).contains(&int) => Some(format!(
                "expected `{name}`, which goes from {from} to {to}, found `{int}`"
            )),
            Self::NonZero(inner)
            | Self::Optional(inner)
            | Self::Repeated(inner)
            | Self::Array(inner, _) => inner.unfit(int),
            Self::Tuple(inner) => inner.iter().find_map(|inner| inner.unfit(int)),
            _ => None,
        }
    }

    /// Why it cannot have a range, if that is certain.
    pub(crate) fn without_order(&self) -> Option<&'static str> {
        match self {
            Self::Bool => Some("`bool`"),
            Self::String => Some("`String`"),
            Self::Path => Some("`PathBuf`"),
            Self::Optional(inner) | Self::Repeated(inner) | Self::Array(inner, _) => {
                inner.without_order()
            }
            Self::Tuple(inner) => inner.iter().find_map(Self::without_order),
            _ => None,
        }
    }
}
