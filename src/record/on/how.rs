//! How something is held, as a hold's stamp has it: the mode, and who may end it.

use super::returned;
use crate::model::Mode;

/// `free: 1 | bare: 1 | 0: 2 | mode: 4`
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct How(u8);

/// No token stands for it: whoever unlocks ends it, and only the contract of the lock says that it is the owner.
const BARE: u8 = 0x40;
/// Not even the contract does: its guards can be sent to other threads.
const FREE: u8 = 0x80;
const MODE: u8 = 0x0f;

impl How {
    /// For a token ([`super::Held`]), which the owner drops.
    #[inline(always)]
    pub(super) const fn of(mode: Mode) -> How {
        How(mode as u8)
    }

    /// Without one. `free`: guards can be sent.
    #[inline(always)]
    pub(super) const fn bare(mode: Mode, free: bool) -> How {
        How(mode as u8 | BARE | if free { FREE } else { 0 })
    }

    #[inline(always)]
    pub(super) const fn from_bits(bits: u8) -> How {
        How(bits)
    }

    #[inline(always)]
    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    #[inline(always)]
    pub(super) const fn mode(self) -> Mode {
        Mode::from_bits(self.0 & MODE)
    }

    /// The same by the same right, in another mode.
    pub(super) const fn with(self, mode: Mode) -> How {
        How(self.0 & !MODE | mode as u8)
    }

    /// The same in the same mode, by whomever it is ended.
    pub(super) const fn freed(self) -> How {
        How(self.0 | FREE)
    }

    /// Whether no token stands for it.
    pub(super) const fn is_bare(self) -> bool {
        self.0 & BARE != 0
    }

    /// Whether anybody may end it, by its kind.
    pub(super) const fn is_free(self) -> bool {
        self.0 & FREE != 0
    }

    /// Whether somebody else may have what ends it.
    pub(super) fn moves(self) -> bool {
        self.is_free() || self.0 & BARE != 0 && returned::ever()
    }

    /// The same while the thread that took it does nothing. The guard of a token cannot be sent: where a task keeps it across
    /// an `.await`, that task stays with its thread, and nobody drops the guard meanwhile.
    pub(super) fn moves_from_still(self) -> bool {
        self.is_bare() && self.moves()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_give_back_what_was_put_in() {
        for mode in [Mode::Exclusive, Mode::Shared, Mode::Init, Mode::Upgradable] {
            assert_eq!(How::of(mode).mode(), mode);
            assert_eq!(How::bare(mode, true).mode(), mode);
            assert_eq!(How::bare(mode, false).with(Mode::Upgradable).mode(), Mode::Upgradable);
        }
        assert!(How::bare(Mode::Exclusive, false).freed() == How::bare(Mode::Exclusive, true));
        assert!(How::bare(Mode::Shared, true).moves() && !How::of(Mode::Shared).moves());
    }
}
