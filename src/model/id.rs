//! Identities.

use super::Kind;

/// Nanoseconds since the recorder's clock started.
pub type Nanos = u64;

/// One thread or one task, for as long as it lives: the index of its slot or record, and the generation of that.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ActorId {
    /// Which slot.
    pub index: u32,
    /// Which of those that have used the slot, one after another.
    pub generation: u32,
}

impl ActorId {
    /// Set in the index of every task.
    const TASK: u32 = 1 << 29;

    /// The task whose record has this number.
    pub const fn task(number: u32, generation: u32) -> ActorId {
        ActorId { index: number | Self::TASK, generation: generation & 0x7fff_ffff }
    }

    /// Whether it is a task, and no thread.
    pub const fn is_task(self) -> bool {
        self.index & Self::TASK != 0
    }

    /// The number of its record, if it is a task.
    pub const fn task_number(self) -> Option<u32> {
        if self.is_task() { Some(self.index & !Self::TASK) } else { None }
    }

    /// What tells it from others of its kind in sentences: `#5`.
    pub const fn number(self) -> u32 {
        self.index & !Self::TASK
    }
}

/// One watched primitive (a lock, a condvar, …). Never used twice in a process.
///
/// The number carries the primitive's kind and its class (the place or the name it was created with), so that
/// nothing needs to be looked up, or kept, for a lock that has died:
/// `1 | 0 | kind: 4 | class: 18 | serial: 40`, from the highest bit down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjectId(pub u64);

impl ObjectId {
    const BORN: u64 = 1 << 63;
    const KIND_SHIFT: u32 = 58;
    const CLASS_SHIFT: u32 = 40;
    /// How many classes can be told apart; class 0 stands for all that came after.
    pub const CLASSES: u32 = 1 << (Self::KIND_SHIFT - Self::CLASS_SHIFT);

    /// Puts an identity together.
    pub const fn new(kind: Kind, class: u32, serial: u64) -> ObjectId {
        let class = (class % Self::CLASSES) as u64;
        let serial = serial & ((1 << Self::CLASS_SHIFT) - 1);
        ObjectId(Self::BORN | (kind as u64) << Self::KIND_SHIFT | class << Self::CLASS_SHIFT | serial)
    }

    /// What kind of primitive this is.
    pub const fn kind(self) -> Kind {
        Kind::from_bits(((self.0 >> Self::KIND_SHIFT) & 0xf) as u8)
    }

    /// The class: the place or name of creation.
    pub const fn class(self) -> u32 {
        ((self.0 >> Self::CLASS_SHIFT) as u32) % Self::CLASSES
    }

    /// A number that is unique in the process.
    pub const fn serial(self) -> u64 {
        self.0 & ((1 << Self::CLASS_SHIFT) - 1)
    }
}

/// A place in the source, opaque: a [`World`](super::World) resolves it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct PlaceId(pub u64);

impl PlaceId {
    /// No place was recorded.
    pub const UNKNOWN: PlaceId = PlaceId(0);
}

/// One call of `thread::scope`, or one set of tasks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ScopeId(pub u64);

impl ScopeId {
    /// Set in the number of every set of tasks.
    const TASKS: u64 = 1 << 63;

    /// The set of tasks with this number.
    pub const fn of_tasks(number: u64) -> ScopeId {
        ScopeId(number | Self::TASKS)
    }

    /// Of the numbers of sets: it is one of local tasks, which are polled only while somebody drives it.
    pub const LOCAL: u64 = 1 << 62;

    /// Whether it is a set of local tasks.
    pub const fn is_local(self) -> bool {
        self.is_of_tasks() && self.0 & Self::LOCAL != 0
    }

    /// Whether it is a set of tasks, and no scope of threads.
    pub const fn is_of_tasks(self) -> bool {
        self.0 & Self::TASKS != 0
    }
}

/// An executor of tasks whose threads are known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RuntimeId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_gives_back_what_was_put_in() {
        let id = ObjectId::new(Kind::Barrier, 77, 123_456_789);
        assert_eq!((id.kind(), id.class(), id.serial()), (Kind::Barrier, 77, 123_456_789));
        let last = ObjectId::new(Kind::Mutex, ObjectId::CLASSES - 1, (1 << 40) - 1);
        assert_eq!((last.kind(), last.class(), last.serial()), (Kind::Mutex, ObjectId::CLASSES - 1, (1 << 40) - 1));
    }
}
