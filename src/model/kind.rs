//! What kinds of primitives there are, and in which mode one is held.

/// The kind of a watched primitive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Kind {
    /// `sync::Mutex`
    Mutex = 1,
    /// `sync::RwLock`
    RwLock = 2,
    /// `sync::Condvar`
    Condvar = 3,
    /// `sync::Barrier`
    Barrier = 4,
    /// `sync::Once`
    Once = 5,
    /// `sync::OnceLock`
    OnceLock = 6,
    /// `sync::LazyLock`
    LazyLock = 7,
    /// `sync::mpsc`: both ends of a channel together
    Channel = 8,
    /// An async semaphore
    Semaphore = 9,
    /// An async `Notify`
    Notify = 10,
    /// An async once cell
    OnceCell = 11,
    /// An async cell that is set once
    SetOnce = 12,
}

impl Kind {
    pub(crate) const fn from_bits(bits: u8) -> Kind {
        match bits {
            2 => Kind::RwLock,
            3 => Kind::Condvar,
            4 => Kind::Barrier,
            5 => Kind::Once,
            6 => Kind::OnceLock,
            7 => Kind::LazyLock,
            8 => Kind::Channel,
            9 => Kind::Semaphore,
            10 => Kind::Notify,
            11 => Kind::OnceCell,
            12 => Kind::SetOnce,
            _ => Kind::Mutex,
        }
    }

    /// The type's name, as its user writes it.
    pub const fn noun(self) -> &'static str {
        match self {
            Kind::Mutex => "Mutex",
            Kind::RwLock => "RwLock",
            Kind::Condvar => "Condvar",
            Kind::Barrier => "Barrier",
            Kind::Once => "Once",
            Kind::OnceLock => "OnceLock",
            Kind::LazyLock => "LazyLock",
            Kind::Channel => "Channel",
            Kind::Semaphore => "Semaphore",
            Kind::Notify => "Notify",
            Kind::OnceCell => "OnceCell",
            Kind::SetOnce => "SetOnce",
        }
    }
}

/// How something is held, or wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Mode {
    /// A mutex, or a read-write lock for writing.
    Exclusive = 0,
    /// A read-write lock for reading.
    Shared = 1,
    /// A once cell whose initialiser is running.
    Init = 2,
    /// A read-write lock for reading, by the one reader that may turn it into writing (`parking_lot`).
    Upgradable = 3,
    /// Wanted only: an upgradable read that becomes writing. Until the other readers have gone it lets no new one in.
    Upgrade = 4,
    /// Wanted only: to read without queueing behind a waiting writer (`parking_lot`'s `read_recursive`).
    Recursive = 5,
}

impl Mode {
    /// The mode with this number; `Exclusive` where there is none.
    pub const fn from_bits(bits: u8) -> Mode {
        match bits {
            1 => Mode::Shared,
            2 => Mode::Init,
            3 => Mode::Upgradable,
            4 => Mode::Upgrade,
            5 => Mode::Recursive,
            _ => Mode::Exclusive,
        }
    }

    /// Its word in everything a machine reads.
    pub const fn word(self) -> &'static str {
        match self {
            Mode::Exclusive => "exclusive",
            Mode::Shared => "shared",
            Mode::Init => "init",
            Mode::Upgradable => "upgradable",
            Mode::Upgrade => "upgrade",
            Mode::Recursive => "recursive",
        }
    }

    /// Whether a hold in this mode and one in the other cannot be there at once; or, of what is wanted, whether a hold in
    /// the other mode is in its way.
    pub const fn conflicts(self, other: Mode) -> bool {
        match (self, other) {
            // It has everything but the end of the reads, and its own hold is not in its way.
            (Mode::Upgrade, held) | (held, Mode::Upgrade) => matches!(held, Mode::Shared),
            (Mode::Upgradable, Mode::Upgradable) => true,
            (one, other) => !(one.reads() && other.reads()),
        }
    }

    /// One of those that can be many at once.
    pub const fn reads(self) -> bool {
        matches!(self, Mode::Shared | Mode::Upgradable | Mode::Recursive)
    }

    /// How is held what is wanted like this.
    pub const fn once_held(self) -> Mode {
        match self {
            Mode::Upgrade => Mode::Exclusive,
            Mode::Recursive => Mode::Shared,
            held => held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_whose_way() {
        use Mode::*;
        let held = [Exclusive, Shared, Upgradable];
        let in_the_way = |wanted: Mode| held.map(|held| wanted.conflicts(held));
        assert_eq!(in_the_way(Exclusive), [true, true, true]);
        assert_eq!(in_the_way(Shared), [true, false, false]);
        assert_eq!(in_the_way(Recursive), [true, false, false]);
        assert_eq!(in_the_way(Upgradable), [true, false, true]);
        assert_eq!(in_the_way(Upgrade), [false, true, false], "its own upgradable read is not in its way");
        for mode in [Exclusive, Shared, Init, Upgradable, Upgrade, Recursive] {
            assert_eq!(Mode::from_bits(mode as u8), mode);
        }
    }
}
