// What std's tests of `sync` find in the root of their program. Not a module of this tool: it is written beside them.

pub(crate) mod common {
    use rand::{SeedableRng, rngs::SmallRng};
    use std::hash::{BuildHasher, RandomState};

    /// Another one at every call.
    pub(crate) fn test_rng() -> SmallRng {
        SmallRng::seed_from_u64(RandomState::new().hash_one("seed"))
    }
}

#[track_caller]
pub(crate) fn result_unwrap<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap()
}
