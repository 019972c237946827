//! The same for `parking_lot`: one set of tests, asked of the real crate and of gordian's.

use {::parking_lot as real, gordian::parking_lot as ours};

mod ext;
mod on_gordian;
mod on_real;
mod types;
