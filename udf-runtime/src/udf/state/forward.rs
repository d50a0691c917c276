//! The methods that a wrapper of serde's traits hands on, as lists for macros.

/// Calls a macro with each method of `Deserializer` that takes a visitor, and its other arguments.
macro_rules! each_deserialize {
    ($each:ident) => {
        $each! {
            deserialize_any();
            deserialize_bool();
            deserialize_i8();
            deserialize_i16();
            deserialize_i32();
            deserialize_i64();
            deserialize_i128();
            deserialize_u8();
            deserialize_u16();
            deserialize_u32();
            deserialize_u64();
            deserialize_u128();
            deserialize_f32();
            deserialize_f64();
            deserialize_char();
            deserialize_str();
            deserialize_string();
            deserialize_bytes();
            deserialize_byte_buf();
            deserialize_option();
            deserialize_unit();
            deserialize_unit_struct(name: &'static str);
            deserialize_newtype_struct(name: &'static str);
            deserialize_seq();
            deserialize_tuple(length: usize);
            deserialize_tuple_struct(name: &'static str, length: usize);
            deserialize_map();
            deserialize_struct(name: &'static str, fields: &'static [&'static str]);
            deserialize_enum(name: &'static str, variants: &'static [&'static str]);
            deserialize_identifier();
            deserialize_ignored_any();
        }
    };
}

/// Calls a macro with each method of `Visitor` that takes a number or a text, and its type.
macro_rules! each_visit_of_text {
    ($each:ident) => {
        $each! {
            visit_bool(bool);
            visit_i8(i8);
            visit_i16(i16);
            visit_i32(i32);
            visit_i64(i64);
            visit_i128(i128);
            visit_u8(u8);
            visit_u16(u16);
            visit_u32(u32);
            visit_u64(u64);
            visit_u128(u128);
            visit_f32(f32);
            visit_f64(f64);
            visit_char(char);
            visit_str(&str);
            visit_borrowed_str(&'de str);
            visit_string(String);
        }
    };
}

/// Hands on the methods of `Visitor` that take bytes or nothing.
macro_rules! forward_other_visits {
    () => {
        fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<V::Value, E> {
            self.inner.visit_bytes(value)
        }

        fn visit_borrowed_bytes<E: de::Error>(self, value: &'de [u8]) -> Result<V::Value, E> {
            self.inner.visit_borrowed_bytes(value)
        }

        fn visit_byte_buf<E: de::Error>(self, value: Vec<u8>) -> Result<V::Value, E> {
            self.inner.visit_byte_buf(value)
        }

        fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
            self.inner.visit_none()
        }

        fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
            self.inner.visit_unit()
        }
    };
}

pub(super) use {each_deserialize, each_visit_of_text, forward_other_visits};
