//! Points and batches in a snapshot: maps of named members, as a person would write them.
//!
//! ```json
//! { "time": 1700000000000000000, "name": "cpu", "group": "host=a", "dimensions": ["host"],
//!   "tags": { "host": "a" }, "fields": { "usage": 12.5, "cores": 4, "up": true } }
//! ```
//!
//! What is empty is left out. The type of a field is that of its value, so the format must tell ints
//! and floats apart, as MessagePack and JSON do.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Batch, FieldValue, Point};

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &self.time())?;
        for (key, text) in [
            ("name", self.name()),
            ("database", self.database()),
            ("retention_policy", self.retention_policy()),
        ] {
            if !text.is_empty() {
                map.serialize_entry(key, text)?;
            }
        }
        let dimensions: Vec<_> = self.dimensions().collect();
        // Without a group, that of dimensions and name is meant.
        if !self.group().is_empty() || !dimensions.is_empty() || self.by_name() {
            map.serialize_entry("group", self.group())?;
        }
        if !dimensions.is_empty() {
            map.serialize_entry("dimensions", &dimensions)?;
        }
        if self.by_name() {
            map.serialize_entry("by_name", &true)?;
        }
        if self.tags().next().is_some() {
            map.serialize_entry("tags", &Entries(|| self.tags()))?;
        }
        if self.fields().next().is_some() {
            map.serialize_entry("fields", &Entries(|| self.fields()))?;
        }
        map.end()
    }
}

/// A map of what an iterator gives.
struct Entries<F>(F);

impl<'a, F, I, V> Serialize for Entries<F>
where
    F: Fn() -> I,
    I: Iterator<Item = (&'a str, V)>,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Some formats write the number of entries first.
        let mut map = serializer.serialize_map(Some((self.0)().count()))?;
        for (name, value) in (self.0)() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::String(value) => serializer.serialize_str(value),
            Self::Bool(value) => serializer.serialize_bool(*value),
        }
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.name())?;
        if !self.group().is_empty() || self.tags().next().is_some() || self.by_name() {
            map.serialize_entry("group", self.group())?;
        }
        if self.tags().next().is_some() {
            map.serialize_entry("tags", &Entries(|| self.tags()))?;
        }
        if self.by_name() {
            map.serialize_entry("by_name", &true)?;
        }
        if let Some(tmax) = self.own_tmax() {
            map.serialize_entry("tmax", &tmax)?;
        }
        map.serialize_entry("points", self.points())?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = PointMembers::deserialize(deserializer)?;
        let mut point = Self::new(&members.name);
        point.set_time(members.time);
        point.set_database(&members.database);
        point.set_retention_policy(&members.retention_policy);
        for (name, value) in &members.tags {
            point.push_tag(name, value);
        }
        for (name, value) in &members.fields {
            point.push_field(name, value.borrowed());
        }
        point.set_dimensions(members.dimensions.iter().map(String::as_str));
        point.set_by_name(members.by_name);
        if let Some(group) = members.group {
            point.set_group(&group);
        }
        Ok(point)
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = BatchMembers::deserialize(deserializer)?;
        let mut batch = Self::new(&members.name);
        for (name, value) in &members.tags {
            batch.set_tag(name, value);
        }
        batch.set_by_name(members.by_name);
        if let Some(group) = members.group {
            batch.set_group(group);
        }
        if let Some(tmax) = members.tmax {
            batch.set_tmax(tmax);
        }
        batch.extend(members.points);
        Ok(batch)
    }
}

#[derive(serde::Deserialize)]
#[serde(rename = "Point", deny_unknown_fields)]
struct PointMembers {
    time: i64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    database: String,
    #[serde(default)]
    retention_policy: String,
    group: Option<String>,
    #[serde(default)]
    dimensions: Vec<String>,
    #[serde(default)]
    by_name: bool,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    fields: BTreeMap<String, Value>,
}

#[derive(serde::Deserialize)]
#[serde(rename = "Batch", deny_unknown_fields)]
struct BatchMembers {
    name: String,
    group: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    by_name: bool,
    tmax: Option<i64>,
    points: Vec<Point>,
}

/// The value of a field that is on its way into a point.
enum Value {
    Float(f64),
    Int(i64),
    String(String),
    Bool(bool),
}

impl Value {
    fn borrowed(&self) -> FieldValue<'_> {
        match self {
            Self::Float(value) => FieldValue::Float(*value),
            Self::Int(value) => FieldValue::Int(*value),
            Self::String(value) => FieldValue::String(value),
            Self::Bool(value) => FieldValue::Bool(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl Visitor<'_> for AnyValue {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a float, an int of 64 bits, a string or a bool")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Float(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Int(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
                let int = i64::try_from(value);
                int.map(Value::Int)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
                Ok(Value::String(value.to_owned()))
            }

            fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
                Ok(Value::String(value))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
        }

        deserializer.deserialize_any(AnyValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point() -> Point {
        let mut point = Point::new("cpu");
        point.set_time(-7);
        point.set_database("telegraf");
        point.set_retention_policy("autogen");
        point.set_tag("host", "ä");
        point.set_tag("rack", "");
        point.set_dimensions(["host", "missing"]);
        point.set_by_name(true);
        point.set_field("whole", 3.0);
        point.set_field("int", i64::MIN);
        point.set_field("text", "a \"b\"");
        point.set_field("bool", false);
        point
    }

    fn batch() -> Batch {
        let mut batch = Batch::for_group_of(&point());
        batch.push(point());
        batch.push(Point::new(""));
        batch
    }

    /// The value as it comes back from MessagePack, as in snapshots.
    fn kept<T: Serialize + for<'de> Deserialize<'de>>(value: &T) -> T {
        rmp_serde::from_slice(&rmp_serde::to_vec_named(value).unwrap()).unwrap()
    }

    #[test]
    fn a_point_comes_back_as_it_was() {
        for mut point in [Point::default(), point()] {
            assert_eq!(kept(&point), point);
            point.set_group("as Kapacitor has sent it");
            assert_eq!(kept(&point), point);
            point.set_group("");
            assert_eq!(kept(&point), point);
        }
        assert_eq!(kept(&point()).float("whole"), Ok(3.0));
    }

    #[test]
    fn a_batch_comes_back_as_it_was() {
        let mut batch = batch();
        assert_eq!(kept(&batch), batch);
        let latest = batch.tmax();
        batch.push({
            let mut later = Point::new("");
            later.set_time(latest + 10);
            later
        });
        let mut restored = kept(&batch);
        assert_eq!(
            restored.tmax(),
            latest + 10,
            "still the latest of its points"
        );
        restored.set_tmax(99);
        assert_eq!(kept(&restored).tmax(), 99);
        assert_eq!(kept(&Batch::default()), Batch::default());
    }

    #[test]
    fn the_form_has_names_and_leaves_out_what_is_empty() {
        let mut point = Point::new("cpu");
        point.set_field("usage", 1.5);
        let bytes = rmp_serde::to_vec(&point).unwrap();
        let form: BTreeMap<String, serde::de::IgnoredAny> = rmp_serde::from_slice(&bytes).unwrap();
        assert_eq!(form.keys().collect::<Vec<_>>(), ["fields", "name", "time"]);
    }

    #[test]
    fn a_group_is_spelled_where_there_is_none() {
        #[derive(serde::Serialize)]
        struct Form {
            time: i64,
            dimensions: [&'static str; 1],
            tags: BTreeMap<&'static str, &'static str>,
        }
        let form = Form {
            time: 0,
            dimensions: ["host"],
            tags: BTreeMap::from([("host", "a")]),
        };
        let bytes = rmp_serde::to_vec_named(&form).unwrap();
        let point: Point = rmp_serde::from_slice(&bytes).unwrap();
        assert_eq!(point.group(), "host=a");
    }

    #[test]
    fn what_is_no_point_is_refused_with_its_reason() {
        let refusal = |form: &BTreeMap<&str, u64>| {
            let bytes = rmp_serde::to_vec_named(form).unwrap();
            rmp_serde::from_slice::<Point>(&bytes)
                .unwrap_err()
                .to_string()
        };
        let unknown = refusal(&BTreeMap::from([("time", 0), ("colour", 0)]));
        assert!(unknown.contains("unknown field `colour`"), "{unknown}");
        let missing = refusal(&BTreeMap::from([("by_name", 0)]));
        assert!(
            missing.contains("bool") || missing.contains("time"),
            "{missing}"
        );
        let fields = BTreeMap::from([("fields", BTreeMap::from([("x", u64::MAX)]))]);
        let bytes = rmp_serde::to_vec_named(&fields).unwrap();
        let error = rmp_serde::from_slice::<Point>(&bytes)
            .unwrap_err()
            .to_string();
        let expected = "expected a float, an int of 64 bits, a string or a bool";
        assert!(error.contains(expected), "{error}");
    }
}
