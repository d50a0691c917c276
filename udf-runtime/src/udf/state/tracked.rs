//! Decoding with paths.
//!
//! Wraps a deserializer, so that an error says the whole path of the value that does not fit, as
//! `groups["a"].inner.count`, and so that fields which no type takes are known.

use std::fmt;

use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::forward::{each_deserialize, each_visit_of_text, forward_other_visits};
use super::key::Noted;
use super::path::{Path, Track};

/// A deserializer, visitor or access at a place.
pub(super) struct At<'a, T> {
    inner: T,
    path: &'a Path<'a>,
    track: &'a Track,
}

impl<'a, T> At<'a, T> {
    pub(super) fn new(inner: T, path: &'a Path<'a>, track: &'a Track) -> Self {
        Self { inner, path, track }
    }

    /// Another one at the same place.
    fn with<U>(&self, inner: U) -> At<'a, U> {
        At::new(inner, self.path, self.track)
    }

    fn noting<V, E>(&self, result: Result<V, E>) -> Result<V, E> {
        if result.is_err() {
            self.track.fail(self.path);
        }
        result
    }
}

/// Visitors of structs, whose keys are fields.
struct OfStruct<V>(V);

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        forward! { @ $method($($argument: $type),*) }
    )*};
    (@ deserialize_struct($($argument:ident: $type:ty),*)) => {
        fn deserialize_struct<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            let at = self.with(());
            let visitor = self.with(OfStruct(visitor));
            at.noting(self.inner.deserialize_struct($($argument,)* visitor))
        }
    };
    (@ deserialize_ignored_any()) => {
        fn deserialize_ignored_any<V: Visitor<'de>>(
            self,
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            self.track.leave_unread(self.path);
            let at = self.with(());
            at.noting(self.inner.deserialize_ignored_any(visitor))
        }
    };
    (@ $method:ident($($argument:ident: $type:ty),*)) => {
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            let at = self.with(());
            let visitor = self.with(visitor);
            at.noting(self.inner.$method($($argument,)* visitor))
        }
    };
}

impl<'de, D: de::Deserializer<'de>> de::Deserializer<'de> for At<'_, D> {
    type Error = D::Error;

    each_deserialize!(forward);

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($type:ty);)*) => {$(
        fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for At<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    each_visit_of_text!(visit);
    forward_other_visits!();

    fn visit_some<D: de::Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let inner = self.with(inner);
        self.inner.visit_some(inner)
    }

    fn visit_newtype_struct<D: de::Deserializer<'de>>(
        self,
        inner: D,
    ) -> Result<V::Value, D::Error> {
        let inner = self.with(inner);
        self.inner.visit_newtype_struct(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<V::Value, A::Error> {
        let elements = Elements {
            at: self.with(sequence),
            index: 0,
        };
        self.inner.visit_seq(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let entries = Entries::new(self.with(map), false);
        self.inner.visit_map(entries)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        let data = self.with(data);
        self.inner.visit_enum(data)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for At<'_, OfStruct<V>> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.0.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<V::Value, A::Error> {
        let elements = Elements {
            at: self.with(sequence),
            index: 0,
        };
        self.inner.0.visit_seq(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let entries = Entries::new(self.with(map), true);
        self.inner.0.visit_map(entries)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for At<'_, S> {
    type Value = S::Value;

    fn deserialize<D: de::Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let inner = self.with(inner);
        self.inner.deserialize(inner)
    }
}

/// The elements of a sequence.
struct Elements<'a, A> {
    at: At<'a, A>,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let path = Path::Index(self.at.path, self.index);
        self.index += 1;
        let seed = At::new(seed, &path, self.at.track);
        self.at.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.at.inner.size_hint()
    }
}

/// The entries of a map or a struct.
struct Entries<'a, A> {
    at: At<'a, A>,
    of_struct: bool,
    key: String,
}

impl<'a, A> Entries<'a, A> {
    fn new(at: At<'a, A>, of_struct: bool) -> Self {
        Self {
            at,
            of_struct,
            key: String::new(),
        }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.key.clear();
        let seed = Noted {
            inner: seed,
            key: &mut self.key,
        };
        let key = self.at.inner.next_key_seed(seed);
        if key.is_err() {
            self.at.track.fail(self.at.path);
        }
        key
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let path = if self.of_struct {
            Path::Field(self.at.path, &self.key)
        } else {
            Path::Key(self.at.path, &self.key)
        };
        let seed = At::new(seed, &path, self.at.track);
        self.at.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.at.inner.size_hint()
    }
}

impl<'a, 'de, A: EnumAccess<'de>> EnumAccess<'de> for At<'a, A> {
    type Error = A::Error;
    type Variant = At<'a, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let at = self.with(());
        let (variant, data) = at.noting(self.inner.variant_seed(seed))?;
        Ok((variant, at.with(data)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for At<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = self.with(OfStruct(visitor));
        self.inner.struct_variant(fields, visitor)
    }
}
