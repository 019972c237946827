//! The same for `parking_lot`: one set of tests, asked of the real crate and of gordian's.

mod ext;
mod on_gordian;
mod on_real;
mod types;
