//! Where a project has udf-runtime from.

use std::fs;
use std::path::Path;

/// The value of `udf-runtime` among the dependencies in Cargo.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runtime(String);

impl Runtime {
    /// The published one, in the version that belongs to this program. A version below 1.0 is compatible
    /// with those that have the same first two numbers.
    pub(super) fn published() -> Self {
        let (major, minor) = (
            env!("CARGO_PKG_VERSION_MAJOR"),
            env!("CARGO_PKG_VERSION_MINOR"),
        );
        Self(format!("\"{major}.{minor}\""))
    }

    /// The one in a folder, which may be relative to the current one.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, String> {
        let shown = folder.display();
        let manifest = fs::read_to_string(folder.join("Cargo.toml"))
            .map_err(|error| format!("expected udf-runtime in {shown}: Cargo.toml: {error}"))?;
        if !manifest
            .lines()
            .any(|line| line == "name = \"udf-runtime\"")
        {
            return Err(format!(
                "expected udf-runtime in {shown}, found another package"
            ));
        }
        let path = fs::canonicalize(folder).map_err(|error| format!("{shown}: {error}"))?;
        let path = path
            .to_str()
            .ok_or_else(|| format!("expected a path in UTF-8, found {}", path.display()))?;
        let escaped = path.replace('\\', "\\\\").replace('"', "\\\"");
        Ok(Self(format!("{{ path = \"{escaped}\" }}")))
    }

    pub(super) fn dependency(&self) -> &str {
        &self.0
    }
}
