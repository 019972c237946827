//! What things are called in the file, looked up once and kept escaped.

use super::lines::Text;
use crate::model::{ActorId, ActorInfo, ObjectId, ObjectInfo, PlaceId, World};
use rustc_hash::FxHashMap;

/// Source places that are kept.
const PLACES: usize = 1 << 14;
/// Nameless objects that get a track of their own; later ones share the track of all that were made at their place.
const OWN_TRACKS: usize = 1000;

#[derive(Default)]
pub(super) struct Names {
    places: FxHashMap<PlaceId, Option<Text>>,
    tracks: usize,
}

impl Names {
    /// `src/bank.rs:12:9`
    pub(super) fn place(&mut self, id: PlaceId, world: &dyn World) -> Option<Text> {
        if id == PlaceId::UNKNOWN {
            return None;
        }
        if let Some(known) = self.places.get(&id) {
            return known.clone();
        }
        if self.places.len() >= PLACES {
            self.places.clear();
        }
        let text = world.place(id).map(|place| Text::new(&place.to_string()));
        self.places.insert(id, text.clone());
        text
    }

    /// ``Mutex `accounts` ``, or `Mutex #12 made at src/bank.rs:7:20`.
    pub(super) fn object(&mut self, id: ObjectId, world: &dyn World) -> Text {
        let ObjectInfo { kind, name, created, first_used } = world.object(id);
        let noun = kind.noun();
        if let Some(name) = name {
            return Text::new(&format!("{noun} `{name}`"));
        }
        let shared = self.tracks >= OWN_TRACKS;
        self.tracks += 1;
        let number = if shared { String::new() } else { format!(" #{}", id.serial()) };
        Text::new(&match (created, first_used) {
            (Some(place), _) => format!("{noun}{number} made at {place}"),
            (None, Some(place)) => format!("{noun}{number} first used at {place}"),
            (None, None) => format!("{noun}{number}"),
        })
    }
}

/// How a thread's track is called.
pub(super) fn thread(info: Option<&ActorInfo>) -> Text {
    let Some(info) = info else { return Text::new("unnamed") };
    match (&info.name, &info.spawned) {
        (Some(name), _) => Text::new(name),
        (None, Some(place)) => Text::new(&format!("unnamed, spawned at {place}")),
        (None, None) => Text::new("unnamed"),
    }
}

/// How a task's track is called. The number is the one that reports have for it; later ones share the track of all that
/// were spawned at their place.
pub(super) fn task(name: Option<&str>, spawned: Option<&Text>, number: u32) -> Text {
    if let Some(name) = name {
        return Text::new(&format!("task `{name}`"));
    }
    let number = if number as usize > OWN_TRACKS { String::new() } else { format!(" #{number}") };
    match spawned {
        // A place that is written is escaped already.
        Some(place) => Text::escaped(format!("task{number} spawned at {}", place.as_str())),
        None => Text::new(&format!("task{number}")),
    }
}

/// How somebody else's end is called as something to wait for.
pub(super) fn end_of(actor: ActorId, world: &dyn World) -> Text {
    let noun = if actor.is_task() { "task" } else { "thread" };
    Text::new(&match world.actor(actor) {
        Some(ActorInfo { name: Some(name), .. }) => format!("the end of {noun} `{name}`"),
        Some(ActorInfo { spawned: Some(place), .. }) => format!("the end of the {noun} spawned at {place}"),
        _ if actor.is_task() => String::from("the end of a task"),
        _ => String::from("the end of threads"),
    })
}
