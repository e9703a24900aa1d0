//! Metrics: the sizes of the journal's files, and the free space on their disk.

use std::{fs, path::Path};

use crate::Figure;

/// Returns metrics for the sizes of the journal's files and for the free space. The free space is
/// left out if the file system does not report it.
pub(super) fn of(path: &Path) -> Vec<Figure> {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let log = path.with_file_name(format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy()));
    let mut figures = vec![
        Figure::gauge("file_bytes", "Size of the journal's file", size(path)),
        Figure::gauge("log_bytes", "Size of the journal's write-ahead log", size(&log)),
    ];
    if let Ok(disk) = rustix::fs::statvfs(path) {
        let free = disk.f_bavail * disk.f_frsize;
        figures.push(Figure::gauge(
            "disk_free_bytes",
            "Free space on the journal's disk that processes without root privileges can use",
            free,
        ));
    }
    figures
}
