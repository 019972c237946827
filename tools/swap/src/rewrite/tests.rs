//! Paths change, and nothing else does.

use super::{Rule, rewrite, rewrite_docs, std_to_gordian};

fn swapped(text: &str) -> String {
    rewrite(text, &std_to_gordian()).expect("this is Rust")
}

fn becomes(before: &str, after: &str) {
    let rewritten = swapped(before);
    assert_eq!(rewritten, after);
    assert_eq!(rewritten.lines().count(), before.lines().count(), "lines keep their numbers");
    assert_eq!(swapped(&rewritten), rewritten, "what is swapped stays so");
}

fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn simple_paths() {
    becomes("use std::sync::Mutex;", "use gordian::sync::Mutex;");
    becomes("use ::std::sync::Mutex as M;", "use ::gordian::sync::Mutex as M;");
    becomes("pub(crate) use std::thread;", "pub(crate) use gordian::thread;");
    becomes("use std::sync as s; s::Mutex::new(0);", "use gordian::sync as s; s::Mutex::new(0);");
    becomes("use std::sync::*;", "use gordian::sync::*;");
    becomes("use core::sync::atomic::AtomicU8;", "use gordian::sync::atomic::AtomicU8;");
    becomes("std::thread::spawn(|| ());", "gordian::thread::spawn(|| ());");
    becomes("fn f() -> ::std::sync::Mutex<u8> {}", "fn f() -> ::gordian::sync::Mutex<u8> {}");
    becomes("x.map(|_|::std::thread::yield_now())", "x.map(|_|::gordian::thread::yield_now())");
    becomes("<std::sync::Arc<u8> as Clone>::clone", "<gordian::sync::Arc<u8> as Clone>::clone");
    becomes("0..std::thread::n()", "0..gordian::thread::n()");
    becomes("impl ::std::sync::Trait for T {}", "impl ::gordian::sync::Trait for T {}");
}

#[test]
fn what_is_not_swapped() {
    stays("use std::fmt; use std::collections::{HashMap, hash_map}; use alloc::sync::Arc;");
    stays("std::thread_local! { static A: u8 = 0; }");
    stays("use std::thread_local; thread_local!(static B: u8 = 0);");
    stays("crate::std::sync::Mutex; $crate::std::sync; my::std::sync; x.std; 'std: loop {}");
    stays("use crate::std::sync; use self::std::thread; use super::std::sync::*;");
    stays("let std = 1; f(\"std::sync::Mutex\"); // std::sync::Mutex\n/* std::thread */");
    stays("fn f() -> impl Sized + use<'a, T> {}");
    stays("T::<u8>::std::sync::x; use core::sync; use std; use std as s; use core::{fmt, mem};");
    stays("#!/usr/bin/env run std::sync\nfn main() {}\n");
}

#[test]
fn groups_that_go_as_a_whole() {
    becomes("use std::{sync::{Arc, Mutex}, thread};", "use gordian::{sync::{Arc, Mutex}, thread};");
    becomes(
        "use std::sync::{self, atomic::{AtomicBool, Ordering::*}};",
        "use gordian::sync::{self, atomic::{AtomicBool, Ordering::*}};",
    );
    becomes("use {std::fmt, std::sync::Mutex};", "use {std::fmt, gordian::sync::Mutex};");
}

#[test]
fn groups_that_are_taken_apart() {
    becomes(
        "use std::{collections::HashMap, sync::{Arc, Mutex}, thread};",
        "use {std::collections::HashMap, gordian::sync::{Arc, Mutex}, gordian::thread};",
    );
    becomes("use ::std::{fmt, thread as t};", "use {::std::fmt, ::gordian::thread as t};");
    becomes("use std::{self, thread};", "use {std, gordian::thread};");
    becomes("use std::{thread, self as s};", "use {gordian::thread, std as s};");
    becomes(
        "use core::{fmt, sync::{self, atomic::*, Exclusive}};",
        "use {core::fmt, {core::sync, gordian::sync::atomic::*, core::sync::Exclusive}};",
    );
    becomes(
        "#[cfg(unix)]\npub use std::{\n    // of the map\n    collections::{hash_map::Entry, HashMap},\n    sync::{\n        Arc,\n        Mutex,\n    },\n};\n",
        "#[cfg(unix)]\npub use {\n    // of the map\n    std::collections::{hash_map::Entry, HashMap},\n    gordian::sync::{\n        Arc,\n        Mutex,\n    },\n};\n",
    );
}

#[test]
fn globs_of_the_root() {
    // A glob still brings std's, so these are named beside it, and would be again.
    assert_eq!(swapped("use std::*;"), "use {std::*, gordian::sync, gordian::thread};");
    assert_eq!(swapped("use std::{*, fmt};"), "use {std::*, gordian::sync, gordian::thread, std::fmt};");
    assert_eq!(swapped("pub use core::sync::*;"), "pub use {core::sync::*, gordian::sync::atomic};");
}

#[test]
fn another_name_for_the_root() {
    becomes("extern crate std as s; s::sync::Mutex", "extern crate std as s; gordian::sync::Mutex");
    becomes("use s::{fmt, sync}; use std as s;", "use {s::fmt, gordian::sync}; use std as s;");
    becomes("use std::{self as s, fmt}; s::thread::park()", "use std::{self as s, fmt}; gordian::thread::park()");
}

#[test]
fn in_macros() {
    becomes(
        "macro_rules! m { ($x:expr, $v:vis) => { $v use std::{fmt, sync}; $crate::std::sync::f(::std::sync::Mutex::new($x)) } }",
        "macro_rules! m { ($x:expr, $v:vis) => { $v use {std::fmt, gordian::sync}; $crate::std::sync::f(::gordian::sync::Mutex::new($x)) } }",
    );
    becomes("m!(use $path; std::thread::X)", "m!(use $path; gordian::thread::X)");
    becomes("vec![std::sync::Arc::new(0); 2]", "vec![gordian::sync::Arc::new(0); 2]");
    becomes(
        "thread_local! { static A: std::sync::Mutex<u8> = x(); }",
        "thread_local! { static A: gordian::sync::Mutex<u8> = x(); }",
    );
}

#[test]
fn a_crate_of_its_own() {
    let rules = [Rule::new("parking_lot", "gordian::parking_lot")];
    let swapped = |text| rewrite(text, &rules).expect("this is Rust");
    assert_eq!(swapped("use parking_lot::{Mutex, RwLock};"), "use gordian::parking_lot::{Mutex, RwLock};");
    assert_eq!(swapped("use parking_lot as pl;"), "use gordian::parking_lot as pl;");
    assert_eq!(swapped("pub extern crate parking_lot;"), "pub use gordian::parking_lot;");
    assert_eq!(swapped("extern crate parking_lot as p;"), "use gordian::parking_lot as p;");
    assert_eq!(
        swapped("::parking_lot::Mutex::new(x.parking_lot)"),
        "::gordian::parking_lot::Mutex::new(x.parking_lot)"
    );
    assert_eq!(
        swapped("use parking_lot_core::park; let parking_lot = 1;"),
        "use parking_lot_core::park; let parking_lot = 1;"
    );
}

#[test]
fn other_roots() {
    let rules = [Rule::new("crate", "std"), Rule::new("super", "std::thread")];
    let swapped = rewrite("use crate::{any::Any, io}; super::sleep(crate::time::D); pub(crate) fn f() {}", &rules);
    assert_eq!(
        swapped.as_deref(),
        Ok("use std::{any::Any, io}; std::thread::sleep(std::time::D); pub(crate) fn f() {}")
    );
}

#[test]
fn bytes_are_counted_and_not_characters() {
    becomes("\u{feff}/* äöü */ let ß = \"→\"; std::sync::f()", "\u{feff}/* äöü */ let ß = \"→\"; gordian::sync::f()");
    becomes("// é\r\nuse std::{fmt,\r\n sync};\r\n", "// é\r\nuse {std::fmt,\r\n gordian::sync};\r\n");
}

#[test]
fn what_is_no_source_text() {
    let error = rewrite("fn f() {\n    (\n}", &std_to_gordian()).expect_err("a brace is missing");
    assert!(error.starts_with("line "), "{error}");
}

#[test]
fn code_in_documentation() {
    let before = "\
//! ```\n//! use std::sync::Mutex;\n//! # use std::{fmt, thread};\n//! ```\n\
/// std::sync in prose, `std::thread`\n///\n/// ```no_run\n/// std::thread::spawn(f);\n/// ```\n\
    ///   ```text\n    ///   std::sync\n    ///   ```\n\
    /// ```\n    /// # /* std::sync */ std::sync::f();\n    /// ```\nfn f() { std::sync::g() }\n";
    let after = "\
//! ```\n//! use gordian::sync::Mutex;\n//! # use {std::fmt, gordian::thread};\n//! ```\n\
/// std::sync in prose, `std::thread`\n///\n/// ```no_run\n/// gordian::thread::spawn(f);\n/// ```\n\
    ///   ```text\n    ///   std::sync\n    ///   ```\n\
    /// ```\n    /// # /* std::sync */ gordian::sync::f();\n    /// ```\nfn f() { std::sync::g() }\n";
    assert_eq!(rewrite_docs(before, &std_to_gordian()), after);
    assert_eq!(
        rewrite_docs("/// ```\n/// (((std::sync\n/// ```\n", &std_to_gordian()),
        "/// ```\n/// (((std::sync\n/// ```\n"
    );
}
