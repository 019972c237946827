//! Classes: the places, and names, that primitives are created with.
//!
//! A class is what a lock's identity carries ([`ObjectId::class`]), so that a report can name a lock that has died
//! and a lock needs no record of its own. Classes of places are found without a lock and without allocating: a
//! lock's first acquisition may happen inside the program's allocator. Names are made by an explicit call, and go
//! through a directory.

use super::site;
use crate::model::{ObjectId, ObjectInfo, PlaceId};
use dashmap::DashMap;
use once_cell::race::OnceBox;
use rustc_hash::FxBuildHasher;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

/// How many places are told apart. A program has as many as it has calls of `new`.
const PLACES: usize = 1 << 16;
/// Named classes are numbered behind the places.
const FIRST_NAMED: u32 = PLACES as u32;

static TABLE: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];

/// The names, in both directions. A `static` is made before anything runs, a map on first use: `race`, because
/// nobody may wait for somebody else's first use here.
static NAMES: OnceBox<Names> = OnceBox::new();

struct Names {
    by_key: DashMap<(u64, Box<str>), u32, FxBuildHasher>,
    by_class: DashMap<u32, (u64, Box<str>), FxBuildHasher>,
    next: AtomicU32,
}

fn names() -> &'static Names {
    NAMES.get_or_init(|| {
        Box::new(Names { by_key: DashMap::default(), by_class: DashMap::default(), next: AtomicU32::new(FIRST_NAMED) })
    })
}

/// A bit of a place that says: not where it was created, but where it was first used. Locations are 8-aligned.
const FIRST_USED: u64 = 1;

/// The class of all that is created nobody knows where, and was first used at this place.
pub(super) fn of_first_use(place: u64) -> u32 {
    of_place(place | FIRST_USED)
}

/// The class of all that is created at this place. 0 when the table is full.
pub(super) fn of_place(place: u64) -> u32 {
    // Locations are 8-aligned; what is above tells them apart well enough after a multiplication.
    let start = (place >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    for step in 0..64 {
        let index = (start as usize + step) % PLACES;
        if index == 0 {
            continue;
        }
        let there = TABLE[index].load(Relaxed);
        if there == place {
            return index as u32;
        }
        if there == 0 {
            match TABLE[index].compare_exchange(0, place, Relaxed, Relaxed) {
                Ok(_) => return index as u32,
                Err(now) if now == place => return index as u32,
                Err(_) => {}
            }
        }
    }
    0
}

/// The class of all that is created at this place with this name. An empty name is none.
pub(super) fn named(place: u64, name: &str) -> u32 {
    if name.is_empty() {
        return of_place(place);
    }
    let names = names();
    let key = (place, Box::from(name));
    if let Some(class) = names.by_key.get(&key) {
        return *class;
    }
    if names.next.load(Relaxed) >= ObjectId::CLASSES {
        return 0;
    }
    *names.by_key.entry(key).or_insert_with(|| {
        let class = names.next.fetch_add(1, Relaxed);
        if class >= ObjectId::CLASSES {
            names.next.fetch_sub(1, Relaxed);
            return 0;
        }
        names.by_class.insert(class, (place, Box::from(name)));
        class
    })
}

/// The place of creation, as a word.
pub(super) fn place_of(id: ObjectId) -> u64 {
    place_and_name(id.class()).0
}

fn place_and_name(class: u32) -> (u64, Option<String>) {
    if class < FIRST_NAMED {
        return (TABLE[class as usize].load(Relaxed), None);
    }
    match NAMES.get().and_then(|names| names.by_class.get(&class)) {
        Some(entry) => (entry.0, Some(entry.1.to_string())),
        None => (0, None),
    }
}

/// The name of a class that has one.
pub(crate) fn class_name(class: u32) -> Option<String> {
    if class == 0 { None } else { place_and_name(class).1 }
}

/// What an object is, from its identity alone.
pub(crate) fn describe(id: ObjectId) -> ObjectInfo {
    let (place, name) = place_and_name(id.class());
    let kind = id.kind();
    let known = |wanted: u64| Some(place & !FIRST_USED).filter(|_| place & FIRST_USED == wanted).map(PlaceId);
    ObjectInfo {
        kind,
        name,
        created: known(0).and_then(site::resolve),
        first_used: known(FIRST_USED).and_then(site::resolve),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use crate::record::on::Site;

    #[test]
    fn a_place_is_one_class_and_a_name_another() {
        let here = Site::here().word();
        let class = of_place(here);
        assert_ne!(class, 0);
        assert_eq!(class, of_place(here));
        let named_class = named(here, "accounts");
        assert_ne!(named_class, class);
        assert_eq!(named_class, named(here, "accounts"));
        assert_ne!(named_class, named(here, "audit"));
        assert_eq!(named(here, ""), class);
        let first_used = of_first_use(here);
        assert_ne!(first_used, class);
        let info = describe(ObjectId::new(Kind::Mutex, first_used, 1));
        assert_eq!(info.created, None);
        assert!(info.first_used.is_some_and(|place| place.file.ends_with("class.rs")));
        let info = describe(ObjectId::new(Kind::Mutex, named_class, 1));
        assert_eq!(info.name.as_deref(), Some("accounts"));
        assert!(info.created.is_some_and(|place| place.file.ends_with("class.rs")));
    }
}
