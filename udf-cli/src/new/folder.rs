//! Writes the files of a project, all or none.

use std::fs;
use std::io;
use std::path::Path;

use super::template::File;

/// Creates a folder with files in it. After an error there is no folder.
pub(super) fn create(folder: &Path, files: &[File]) -> Result<(), String> {
    let shown = folder.display();
    fs::create_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("`{shown}` exists already; help: choose another name, or remove it")
        }
        _ => format!("cannot create the folder `{shown}`: {error}"),
    })?;
    for file in files {
        if let Err(error) = write(folder, file) {
            let undone = match fs::remove_dir_all(folder) {
                Ok(()) => String::new(),
                Err(error) => format!("; what is there of `{shown}` cannot be removed: {error}"),
            };
            let path = folder.join(&file.path);
            return Err(format!(
                "cannot write `{}`: {error}{undone}",
                path.display()
            ));
        }
    }
    Ok(())
}

fn write(folder: &Path, file: &File) -> io::Result<()> {
    let path = folder.join(&file.path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, &file.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_error_nothing_is_left() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("udf");
        let files = ["README.md", "src/main.rs", "README.md/not-a-folder"].map(|path| File {
            path: path.to_owned(),
            text: String::new(),
        });
        let error = create(&folder, &files).unwrap_err();
        assert!(error.contains("udf/README.md/not-a-folder"), "{error}");
        assert!(!folder.exists());
    }

    #[test]
    fn a_folder_that_exists_stays_as_it_is() {
        let parent = tempfile::tempdir().unwrap();
        let mine = parent.path().join("mine");
        fs::write(&mine, "text").unwrap();
        for existing in [parent.path(), &mine] {
            let error = create(existing, &[]).unwrap_err();
            assert!(error.contains("exists already"), "{error}");
        }
        assert_eq!(fs::read_to_string(mine).unwrap(), "text");
    }
}
