//! Test-suites of others: built in a scratch package, run test by test, counted.

pub(crate) mod again;
pub(crate) mod cargo;
pub(crate) mod cut;
pub(crate) mod deadline;
pub(crate) mod exclusions;
pub(crate) mod findings;
pub(crate) mod libtest;
pub(crate) mod package;
pub(crate) mod prove;
pub(crate) mod refusals;
pub(crate) mod scratch;
