//! Makes a test of every text in `scheduling/`, so that a failure names the text.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=scheduling");
    let mut code = String::new();
    for topic in entries(Path::new("scheduling"))? {
        let _ = writeln!(code, "mod {} {{", stem(&topic));
        for text in entries(&topic)? {
            let (name, path) = (stem(&text), text.display());
            let _ = writeln!(
                code,
                "    #[test]\n    fn {name}() {{\n        super::check({:?});\n    }}",
                path.to_string()
            );
        }
        code.push_str("}\n");
    }
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(target.join("scheduling.rs"), code)
}

/// The entries of a folder, by name.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
