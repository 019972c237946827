//! Where in the user's source something was done.

use crate::model::{Place, PlaceId};
use std::panic::Location;

/// A place, as the compiler hands it to `#[track_caller]` functions: it costs a register.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Site(pub(super) &'static Location<'static>);

impl Site {
    /// Where this is called.
    #[inline(always)]
    #[track_caller]
    pub const fn here() -> Site {
        Site(Location::caller())
    }

    #[inline(always)]
    pub(super) fn word(self) -> u64 {
        std::ptr::from_ref(self.0).expose_provenance() as u64
    }
}

/// What a recorded place means.
pub(crate) fn resolve(id: PlaceId) -> Option<Place> {
    let location = location(id).filter(|location| !is_of_lock_api(location.file()))?;
    Some(Place { file: location.file().to_owned(), line: location.line(), column: location.column() })
}

/// Whether it is a line of lock_api's own.
pub(super) fn is_in_lock_api(id: PlaceId) -> bool {
    location(id).is_some_and(|location| is_of_lock_api(location.file()))
}

#[allow(unsafe_code)]
fn location(id: PlaceId) -> Option<&'static Location<'static>> {
    if id == PlaceId::UNKNOWN {
        return None;
    }
    let location = std::ptr::with_exposed_provenance::<Location<'static>>(id.0 as usize);
    // SAFETY: every non-zero place word in a slot, a ring or a class is the address of a `&'static Location`
    // (`Site` is the only source), so it is aligned, initialised and lives as long as the program. Words are
    // stored and loaded whole, so none is torn.
    Some(unsafe { &*location })
}

/// lock_api's guards hand the caller's place on, but for some (`ReentrantMutex`, `MutexGuard::unlocked`): what they give is a
/// line of their own, equal for all locks of the program.
fn is_of_lock_api(file: &str) -> bool {
    file.split(['/', '\\']).any(|part| part.starts_with("lock_api-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_lock_api_is_nobodys_place() {
        assert!(is_of_lock_api("registry/src/index/lock_api-0.4.14/src/remutex.rs"));
        assert!(!is_of_lock_api("src/lock_api.rs") && !is_of_lock_api("lock/api-1/src/lib.rs"));
    }
}
