//! Where the text goes: a file, packed or not, that opens after every write.

use crate::file::OwnFile;
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// A file, or what stands for one in a test.
pub(super) trait Target: Write + Send {
    /// Forgets all but the first `len` bytes, as well as can be.
    fn cut(&mut self, len: u64);
}

impl Target for OwnFile {
    fn cut(&mut self, len: u64) {
        // A device or a pipe cannot be cut, and there is nobody to tell: the error that led here is told.
        let _ = self.set_len(len);
    }
}

pub(super) struct Sink {
    target: Box<dyn Target>,
    /// Where text is packed, when it is to be.
    packed: Option<Vec<u8>>,
    written: u64,
    broken: bool,
}

impl Sink {
    pub(super) fn new(target: Box<dyn Target>, gzip: bool) -> Sink {
        Sink { target, packed: gzip.then(Vec::new), written: 0, broken: false }
    }

    /// Whether everything is thrown away from now on.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes whole events. Says an error once, and is silent afterwards.
    pub(super) fn write(&mut self, text: &[u8]) -> io::Result<()> {
        if self.broken || text.is_empty() {
            return Ok(());
        }
        let written = self.try_write(text);
        match &written {
            Ok(len) => self.written += len,
            Err(_) => {
                // A packed file that ends within a member does not open at all.
                self.target.cut(self.written);
                self.broken = true;
            }
        }
        written.map(drop)
    }

    fn try_write(&mut self, text: &[u8]) -> io::Result<u64> {
        let bytes = match &mut self.packed {
            // A gzip member of its own each time: Perfetto refuses a file whose last member does not end, however
            // well the compressor was flushed, and takes any number of members.
            Some(packed) => {
                packed.clear();
                let mut encoder = GzEncoder::new(&mut *packed, Compression::fast());
                encoder.write_all(text)?;
                encoder.finish()?;
                packed.as_slice()
            }
            None => text,
        };
        self.target.write_all(bytes)?;
        self.target.flush()?;
        Ok(bytes.len() as u64)
    }
}
