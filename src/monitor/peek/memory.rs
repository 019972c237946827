//! Bytes of this process, of which some may not be there.

/// The most that is copied at once.
pub(super) const MOST: usize = 1 << 16;
/// What is there is there by whole pages, of which this is the smallest size.
const PIECE: usize = 4096;

/// Copies what stands at `from`, as far as it can be read, and says how much that is. For signal handlers, too; may
/// change `errno`.
#[allow(unsafe_code)]
pub(super) fn copy(from: u64, into: &mut [u8]) -> usize {
    let most = into.len().min(MOST);
    let nothing = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };
    let mut pieces = [nothing; MOST / PIECE + 1];
    let (mut count, mut at, end) = (0, from as usize, (from as usize).saturating_add(most));
    while let Some(piece) = pieces.get_mut(count).filter(|_| at < end) {
        let next = (at / PIECE + 1).saturating_mul(PIECE).min(end);
        *piece = libc::iovec { iov_base: std::ptr::without_provenance_mut(at), iov_len: next - at };
        (count, at) = (count + 1, next);
    }
    let whole = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: most };
    // SAFETY: writes to `into` alone, which is exclusively ours and of that length. What it reads it reads as another
    // process would: what is not mapped is an error. A system call and nothing else.
    let copied =
        unsafe { libc::process_vm_readv(libc::getpid(), &whole, 1, pieces.as_ptr(), count as libc::c_ulong, 0) };
    usize::try_from(copied).unwrap_or(0)
}

/// One word.
pub(super) fn word(at: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    (copy(at, &mut bytes) == 8).then(|| u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_copied() {
        let here = [7_u8; 100];
        let mut there = [0; 100];
        assert_eq!(copy(here.as_ptr() as u64, &mut there), 100);
        assert_eq!(here, there);
        for nowhere in [0, 8, u64::MAX - 50, 1 << 60] {
            assert_eq!(copy(nowhere, &mut there), 0, "{nowhere:#x}");
            assert_eq!(word(nowhere), None);
        }
    }
}
