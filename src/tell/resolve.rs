//! Addresses to functions and lines.

use super::origin::{Origin, innermost, library_source, of_task, origin, trimmed};
use crate::report::{Frame, Place, Report, ThreadReport};
use std::{
    ffi::c_void,
    path::{Path, PathBuf},
};

/// Deep recursion is a stack too; more than this is not resolved.
const MOST_FRAMES: usize = 256;

impl Report {
    /// Gives the frames of all stacks their functions and places, and leaves those of the program and its dependencies:
    /// frames of the recorder, of what polls tasks (tokio, `async-executor`, `futures-executor`), of the standard library and of
    /// the operating system are dropped, wherever they stand. A stack in which there is nothing else keeps its innermost frames. Inlined calls become frames of their own.
    ///
    /// Reads the debug information: tens to hundreds of milliseconds the first time, little afterwards. Once done,
    /// doing it again changes nothing.
    pub fn resolve(&mut self) {
        let places = places(self);
        let mut waits: Vec<Expanded> = Vec::new();
        let mut holds: Vec<Expanded> = Vec::new();
        for thread in &self.threads {
            waits.push(expanded(&thread.stack));
            holds.extend(thread.holds.iter().map(|hold| expanded(&hold.stack)));
        }
        let all = waits.iter().chain(&holds).flatten().flatten().map(|(frame, _)| frame);
        let spelling = Spelling::learned(&places, all);
        let (mut waits, mut holds) = (waits.into_iter(), holds.into_iter());
        for thread in &mut self.threads {
            let own = |frames: Vec<(Frame, Origin)>| if thread.is_task { of_task(&frames).to_vec() } else { frames };
            if let Some(frames) = waits.next().flatten().map(own) {
                thread.stack = spelling.spelled(trimmed(&frames).unwrap_or_else(|| innermost(&frames)));
            }
            for hold in &mut thread.holds {
                if let Some(frames) = holds.next().flatten().map(own) {
                    // A walk along frame pointers that the build does not keep ends anywhere, and says nothing.
                    hold.stack = spelling.spelled(trimmed(&frames).unwrap_or_default());
                }
            }
        }
    }
}

/// A stack with its inlined calls, and whose they are. `None`: it has been resolved before.
type Expanded = Option<Vec<(Frame, Origin)>>;

fn expanded(stack: &[Frame]) -> Expanded {
    let is_fresh = stack.iter().all(|frame| frame.function.is_none());
    is_fresh.then(|| stack.iter().take(MOST_FRAMES).flat_map(|frame| expand(frame.address)).collect())
}

/// All frames of one return address, innermost first: more than one where calls were inlined.
fn expand(address: u64) -> Vec<(Frame, Origin)> {
    let mut frames = Vec::new();
    // `backtrace` itself goes back from a return address into the call.
    backtrace::resolve(address as usize as *mut c_void, |symbol| {
        let place = symbol.filename().map(|file| Place {
            file: file.to_string_lossy().into_owned(),
            line: symbol.lineno().unwrap_or(0),
            column: symbol.colno().unwrap_or(0),
        });
        // The alternate form leaves out the hash.
        let function = symbol.name().map(|name| format!("{name:#}"));
        let origin = origin(function.as_deref(), place.as_ref().map(|place| place.file.as_str()));
        frames.push((Frame { address, function, place }, origin));
    });
    if frames.is_empty() {
        frames.push((Frame { address, function: None, place: None }, Origin::Unknown));
    }
    frames
}

/// All places of a report that the compiler has written.
fn places(report: &Report) -> Vec<Place> {
    let of_thread = |thread: &ThreadReport| {
        let holds = thread.holds.iter().map(|hold| hold.place.clone());
        let recent = thread.recent.iter().map(|operation| operation.place.clone());
        let others = [thread.spawned.clone(), thread.waits.as_ref().and_then(|wait| wait.place.clone())];
        others.into_iter().chain(holds).chain(recent).flatten().collect::<Vec<_>>()
    };
    let mut places: Vec<Place> = report.threads.iter().flat_map(of_thread).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// How files are spelled: debug information has full paths, the places of calls what the compiler was given, which
/// is relative to where it ran. One report spells one file one way, the latter.
struct Spelling {
    /// Where the compiler seems to have run.
    root: Option<PathBuf>,
}

impl Spelling {
    /// From a frame that stands where a call was: its file ends like the call's, at best at the same line.
    fn learned<'a>(places: &[Place], frames: impl Iterator<Item = &'a Frame>) -> Spelling {
        let mut best: Option<(bool, PathBuf)> = None;
        for place in frames.filter_map(|frame| frame.place.as_ref()) {
            for known in places.iter().filter(|known| Path::new(&known.file).is_relative()) {
                let exact = known.line == place.line;
                if best.as_ref().is_none_or(|(was_exact, _)| exact && !was_exact)
                    && let Some(root) = root_of(&place.file, &known.file)
                {
                    best = Some((exact, root));
                }
            }
        }
        let here = || std::env::current_dir().ok().filter(|here| here.parent().is_some());
        Spelling { root: best.map(|(_, root)| root).or_else(here) }
    }

    fn spelled(&self, mut frames: Vec<Frame>) -> Vec<Frame> {
        for place in frames.iter_mut().filter_map(|frame| frame.place.as_mut()) {
            place.file = self.shortened(&place.file);
        }
        frames
    }

    fn shortened(&self, file: &str) -> String {
        if let Some(library) = library_source(file) {
            return library.into();
        }
        let relative = self.root.as_ref().and_then(|root| Path::new(file).strip_prefix(root).ok());
        relative.map_or_else(|| file.into(), |relative| relative.to_string_lossy().into_owned())
    }
}

/// What stands before `end` in `file`, by whole names.
fn root_of(file: &str, end: &str) -> Option<PathBuf> {
    let (file, end) = (Path::new(file), Path::new(end));
    let depth = end.components().count();
    file.ends_with(end).then(|| file.ancestors().nth(depth).map(Path::to_path_buf)).flatten()
}

#[cfg(test)]
mod tests;
