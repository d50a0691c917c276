//! Takes note of a map's key while it is decoded, for the path of its value.

use std::fmt::{self, Write as _};

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

use super::forward::{each_deserialize, each_visit_of_text, forward_other_visits};

/// Decodes by `inner`, and copies a key that is a text or a number.
pub(super) struct Noted<'k, T> {
    pub(super) inner: T,
    pub(super) key: &'k mut String,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Noted<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let key = self.key;
        self.inner.deserialize(Noted { inner, key })
    }
}

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            let key = self.key;
            self.inner.$method($($argument,)* Noted { inner: visitor, key })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Noted<'_, D> {
    type Error = D::Error;

    each_deserialize!(forward);

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! note {
    ($($method:ident($type:ty);)*) => {$(
        fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            // Writing into a String does not fail.
            let _ = write!(self.key, "{value}");
            self.inner.$method(value)
        }
    )*};
}

/// Keys of one part are noted. Those of several parts are decoded as they are.
impl<'de, V: Visitor<'de>> Visitor<'de> for Noted<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    each_visit_of_text!(note);
    forward_other_visits!();

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let key = self.key;
        self.inner.visit_newtype_struct(Noted { inner, key })
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(inner)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, sequence: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(sequence)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(map)
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(data)
    }
}
