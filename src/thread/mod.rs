//! [`std::thread`], watched.
