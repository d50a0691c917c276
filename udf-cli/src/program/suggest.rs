//! Values to begin with: a form that is filled in shows at once what the UDF does.

use super::schema::{ArgumentType, Calls, Edge, OptionInfo, Udf};
use super::settings::{Call, Settings};
use crate::series::Summary;

/// Fills in what a run needs and what is not given yet.
pub(crate) fn suggest(settings: &mut Settings, udf: &Udf, data: &Summary) {
    let mut fields = data.fields.iter().filter(|field| field.is_number).cycle();
    for option in &udf.options {
        let is_given = settings.options.iter().any(|call| call.name == option.name);
        let is_needed =
            matches!(option.call, Calls::Required | Calls::Repeatable) && option.default.is_none();
        if is_given || !is_needed {
            continue;
        }
        let mut values = example(option);
        for (value, kind) in values.iter_mut().zip(&option.arguments) {
            let about = format!("{} {}", option.name, option.docs).to_lowercase();
            let has_limits = option.range.is_some() || !option.choices.is_empty();
            match kind {
                // The name of a field that the UDF writes is free, too; but then it has a default.
                ArgumentType::String if !has_limits && about.contains("field") => {
                    if let Some(field) = fields.next() {
                        value.clone_from(&field.name);
                    }
                }
                ArgumentType::String if !has_limits && about.contains("tag") => {
                    if let Some(tag) = data.tags.first() {
                        value.clone_from(&tag.name);
                    }
                }
                // A limit, most often: half of the values' height shows both sides of it.
                ArgumentType::Double if !has_limits => {
                    if let Some(field) = named_field(settings, data) {
                        *value = two_digits((field.0 + field.1) / 2.0);
                    }
                }
                _ => {}
            }
        }
        settings.options.push(Call {
            name: option.name.clone(),
            values,
        });
    }
    if udf.wants == Edge::Batch && settings.period.is_empty() {
        settings.period = period(data);
    }
}

/// The example of a call, as the form takes it.
fn example(option: &OptionInfo) -> Vec<String> {
    let values = option.example.iter().map(|value| {
        let inner = value
            .strip_prefix('\'')
            .and_then(|value| value.strip_suffix('\''));
        match inner {
            Some(inner) => inner.replace(r"\'", "'"),
            // A placeholder says nothing to the UDF.
            None if value.starts_with('<') => String::new(),
            None => value.clone(),
        }
    });
    let mut values: Vec<_> = values.collect();
    values.resize(option.arguments.len(), String::new());
    values
}

/// The lowest and the highest value of a field that the options name.
fn named_field(settings: &Settings, data: &Summary) -> Option<(f64, f64)> {
    let mut named = settings.options.iter().flat_map(|call| &call.values);
    named.find_map(|name| data.fields.iter().find(|field| field.name == *name)?.range)
}

fn two_digits(number: f64) -> String {
    let digits = 10f64.powf(number.abs().max(1e-9).log10().floor() - 1.0);
    let rounded = (number / digits).round() * digits;
    udf_tickscript::show_double(format!("{rounded:.6}").parse().unwrap_or(rounded))
}

/// A fifth of the data's time or more, as people name it.
fn period(data: &Summary) -> String {
    const PERIODS: [(f64, &str); 14] = [
        (1.0, "1s"),
        (5.0, "5s"),
        (10.0, "10s"),
        (30.0, "30s"),
        (60.0, "1m"),
        (300.0, "5m"),
        (600.0, "10m"),
        (1800.0, "30m"),
        (3600.0, "1h"),
        (10_800.0, "3h"),
        (21_600.0, "6h"),
        (43_200.0, "12h"),
        (86_400.0, "1d"),
        (604_800.0, "7d"),
    ];
    let found = PERIODS
        .iter()
        .find(|(seconds, _)| *seconds >= data.seconds / 5.0);
    found.map_or("7d", |(_, text)| text).to_owned()
}
