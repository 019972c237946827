//! Files that are written while the program runs, and standard error.
#![allow(unsafe_code)]

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Write},
    mem::ManuallyDrop,
    path::Path,
};

/// Opens a file that nobody waits for: a pipe without a reader is an error, and so is, later, one that is full.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<OwnFile> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK);
    let file = options.create(true).open(path)?;
    let identity = file.metadata().map(|data| identity(&data))?;
    Ok(OwnFile { file: ManuallyDrop::new(file), identity })
}

/// A file of ours, in a program that may close every descriptor there is (a daemon does) and open files of its own under
/// the same numbers: those are neither written to nor closed.
pub(crate) struct OwnFile {
    file: ManuallyDrop<File>,
    identity: (u64, u64),
}

#[cfg(unix)]
fn identity(data: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (data.dev(), data.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

impl OwnFile {
    /// The file, if it still is the one that was opened.
    fn ours(&mut self) -> io::Result<&mut File> {
        if identity(&self.file.metadata()?) != self.identity {
            return Err(io::Error::other("the program has closed its descriptor"));
        }
        Ok(&mut self.file)
    }

    /// Forgets all but the first `len` bytes.
    pub(crate) fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.ours()?.set_len(len)
    }
}

impl Write for OwnFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ours()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        if self.ours().is_ok() {
            // SAFETY: dropped once, here, and not used any more.
            unsafe { ManuallyDrop::drop(&mut self.file) };
        }
    }
}

/// Standard error, as it is now: a program that redirects it is followed. Without std's lock, which a stuck thread may
/// hold, and without a descriptor of its own: who reads the other end learns at once when the program has closed it.
pub(crate) struct StandardError;

#[cfg(unix)]
impl StandardError {
    /// Whether a few lines can be written at once; else who writes waits until somebody has read.
    pub(crate) fn is_ready(&self) -> bool {
        let mut state = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
        // SAFETY: one structure, which lives as long as the call; no time at all is waited.
        let ready = unsafe { libc::poll(&mut state, 1, 0) };
        ready == 1 && state.revents & libc::POLLOUT != 0
    }
}

#[cfg(unix)]
impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: as many bytes as there are.
        let written = unsafe { libc::write(libc::STDERR_FILENO, bytes.as_ptr().cast(), bytes.len()) };
        usize::try_from(written).map_err(|_| io::Error::last_os_error())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(not(unix))]
impl StandardError {
    pub(crate) fn is_ready(&self) -> bool {
        true
    }
}

#[cfg(not(unix))]
impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
