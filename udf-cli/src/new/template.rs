//! The template of a project: the folder `template`, which is one for cargo-generate too.
//!
//! A placeholder is written as there, `{{name}}`, in texts and in paths. The files of `edges/EDGES` belong to
//! that kind of UDF.

use super::edges::Edges;
use super::name::ProjectName;
use super::runtime::Runtime;

/// A file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// The path in the project's folder.
    pub(super) path: String,
    pub(super) text: String,
}

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../template/", $path)))),*]
    };
}

/// Path and text of each file in the template, except those that only cargo-generate needs.
const TEMPLATE: &[(&str, &str)] = embedded![
    ".dockerignore",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Cargo.toml.liquid",
    "Containerfile",
    "README.md.liquid",
    "compose.yaml",
    "data/cpu.lp",
    "deploy/compose/kapacitor.conf",
    "deploy/compose/telegraf.conf",
    "deploy/debian/kapacitor.conf",
    "deploy/debian/postinst",
    "deploy/debian/{{project-name}}.service",
    "edges/batch-stream/src/main.rs",
    "edges/batch-stream/{{crate_name}}.tick",
    "edges/batch/src/main.rs",
    "edges/batch/{{crate_name}}.tick",
    "edges/stream-batch/src/main.rs",
    "edges/stream-batch/{{crate_name}}.tick",
    "edges/stream/src/main.rs",
    "edges/stream/{{crate_name}}.tick",
];

/// The files of a project.
pub(super) fn files(name: &ProjectName, edges: Edges, runtime: &Runtime) -> Vec<File> {
    // hooks/values.rhai has the same values for cargo-generate.
    let values = [
        ("{{project-name}}", name.project()),
        ("{{crate_name}}", &name.udf()),
        ("{{udf_type}}", &name.udf_type()),
        ("{{udf_runtime}}", runtime.dependency()),
        ("{{edges}}", edges.name()),
        ("{{pipe_flags}}", edges.pipe_flags()),
    ];
    let fill = |text: &str| {
        let text = text.to_owned();
        values.iter().fold(text, |text, (placeholder, value)| {
            text.replace(placeholder, value)
        })
    };
    let mut files = Vec::new();
    for (path, text) in TEMPLATE {
        let path = match path
            .strip_prefix("edges/")
            .and_then(|path| path.split_once('/'))
        {
            Some((of, path)) if of == edges.name() => path,
            Some(_) => continue,
            None => path,
        };
        files.push(File {
            // The ending keeps cargo and others from reading a template as the real thing.
            path: fill(path.strip_suffix(".liquid").unwrap_or(path)),
            text: fill(text),
        });
    }
    files
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use clap::ValueEnum as _;

    use super::*;

    /// The files in a folder, as paths in it.
    fn all_in(folder: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(folder).unwrap();
                    found.insert(path.to_str().unwrap().to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("template");
        let mut found = all_in(&folder);
        found.retain(|path| !path.starts_with("hooks/") && path != "cargo-generate.toml");
        let embedded = TEMPLATE.iter().map(|(path, _)| (*path).to_owned());
        assert_eq!(found, embedded.collect());
    }

    #[test]
    fn every_placeholder_is_filled() {
        for edges in Edges::value_variants() {
            let files = files(
                &"cpu-spikes".parse().unwrap(),
                *edges,
                &Runtime::published(),
            );
            for path in ["Cargo.toml", "src/main.rs", "cpu_spikes.tick", "README.md"] {
                assert!(files.iter().any(|file| file.path == path), "{path}");
            }
            for File { path, text } in files {
                assert!(!format!("{path}\n{text}").contains("{{"), "{path}: {text}");
            }
        }
    }
}
