//! Files that are written while the program runs.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Opens a file that nobody waits for: a pipe without a reader is an error, and so is, later, one that is full.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK);
    options.create(true).open(path)
}
