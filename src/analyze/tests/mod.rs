//! The detectors on written-down situations, each with its nearest correct twin, and on random ones.

mod brute;
mod confirm;
mod long;
mod random;
mod scene;
mod size;
mod standstill;
mod tasks;
mod wait_cycle;
