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
}

impl Mode {
    /// The mode with this number; `Exclusive` where there is none.
    pub const fn from_bits(bits: u8) -> Mode {
        match bits {
            1 => Mode::Shared,
            2 => Mode::Init,
            _ => Mode::Exclusive,
        }
    }

    /// Whether two actors cannot hold the same object in these modes at once.
    pub const fn conflicts(self, other: Mode) -> bool {
        !matches!((self, other), (Mode::Shared, Mode::Shared))
    }
}
